//! What the SDK does with many devices, on an embedded ledger that may lose or refuse what is sent.

#[path = "../common/mod.rs"]
mod common;

mod drains;
mod evictions;
mod network;
mod sends;
mod sessions;
mod steps;
mod unsteady;
