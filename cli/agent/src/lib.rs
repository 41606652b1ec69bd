//! Keeps a device's sessions on the ledger as they are on the device, and sees its users off when it drains.
//!
//! The ledger says what is wanted, the device shows what is there, and the agent reconciles the two again and again. It may
//! be killed at any time.

pub mod actuator;
mod agent;
mod chain;
pub mod config;
mod device;
mod health;
mod hook;
mod http;
pub mod labels;
mod machine;
pub mod marks;
mod notify;
mod program;
pub mod provider;
mod reconcile;
pub mod router;
mod serving;
mod state;
mod status;
mod unknown;
mod user;

pub use {
    agent::{Agent, AgentError, LAST_SENDS},
    state::StateError,
    unknown::Unknown,
    user::of_label,
};
