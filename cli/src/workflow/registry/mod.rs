//! The registry: who runs the network, and by which policy.

pub mod accept;
pub mod init;
pub mod nominate;
pub mod set_oracle;
pub mod set_policy;
