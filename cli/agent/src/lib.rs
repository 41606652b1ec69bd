//! Keeps a device's sessions on the ledger as they are on the device, and sees its users off when it drains.
//!
//! The ledger says what is wanted, the device says what is there, and the agent reconciles the two again and again. It may
//! be killed at any time.

pub mod actuator;
pub mod marks;
pub mod provider;
pub mod router;
mod unknown;

pub use unknown::Unknown;
