//! The rules, tried out on the compiled program. Sweeps expect what the model says, which never asks
//! the SDK's `lifecycle`; every other test expects what is written in it.

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
mod release;
mod sessions;
mod status;
mod update_device;
mod update_drain;
