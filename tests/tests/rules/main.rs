//! The rules, tried out on the compiled program. What is expected is written by hand, from the
//! design, and never asks the SDK's `lifecycle`.

mod agent;
mod budget;
mod disk_keys;
mod domain;
mod drain_record;
mod evaluate;
mod expect;
mod health;
mod holds;
mod network;
mod oracle;
mod release;
mod sessions;
mod status;
mod update_device;
mod update_drain;
