//! What several verbs do alike.

#[cfg(feature = "agent")]
pub mod agent;
pub mod completion;
pub mod contributor;
pub mod demo;
pub mod device;
pub mod disk_key;
pub mod drain;
#[cfg(feature = "serve")]
pub mod history;
pub mod idempotent;
pub mod import;
pub mod key_field;
mod ledger_reader;
pub mod list;
pub mod location;
pub mod origin;
pub mod program;
pub mod reader;
pub mod refusal;
pub mod registry;
pub mod run;
#[cfg(feature = "serve")]
pub mod serve;
pub mod server;
pub mod session;
pub mod stream;
#[cfg(feature = "top")]
pub mod top;
