//! Ebb takes network devices out of service without cutting anyone off.
//!
//! This crate is the interface of the on-chain program: its accounts ([`state`]), its rules
//! ([`lifecycle`]), its instructions and their builders ([`instruction`]), its addresses ([`pda`]),
//! its errors ([`error`]) and its events ([`event`]). The program itself is built on it, so there is
//! one definition of each.
//!
//! Default features need neither RPC nor async. Feature `rpc` adds a client for clusters, feature
//! `embedded` a real SVM in process with its state in a folder, feature `fleet` orchestration: whatever takes many
//! devices or a long wait, feature `json` accounts as JSON has them.

pub mod error;
pub mod event;
pub mod instruction;
pub mod lifecycle;
pub mod pda;
pub mod role;
pub mod state;
pub mod value;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "json")]
pub mod duration;
#[cfg(feature = "elf")]
pub mod elf;
#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "fleet")]
pub mod fleet;
#[cfg(feature = "client")]
pub mod history;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "client")]
pub mod ledger;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(feature = "json")]
pub mod text;
#[cfg(feature = "json")]
pub mod time;

pub use {error::EbbError, role::Role};

/// The id under which development builds are deployed. A default and no more: the program works at
/// any address, and every builder takes the id.
pub mod development_id {
    solana_program::declare_id!("EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic");
}
pub use development_id::ID;
