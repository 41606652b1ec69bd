//! The verbs: a file each.

#[cfg(feature = "agent")]
pub mod agent;
pub mod completions;
pub mod contributor;
pub mod demo;
pub mod device;
pub mod disk_key;
#[cfg(feature = "serve")]
pub mod history;
pub mod init;
pub mod ledger;
pub mod lifecycle;
pub mod location;
pub mod man;
pub mod program;
pub mod registry;
#[cfg(feature = "serve")]
pub mod serve;
pub mod session;
#[cfg(feature = "top")]
pub mod top;
