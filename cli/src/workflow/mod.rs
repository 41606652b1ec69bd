//! What several verbs do alike.

pub mod completion;
pub mod device;
pub mod disk_key;
pub mod drain;
#[cfg(feature = "serve")]
pub mod history;
pub mod idempotent;
pub mod import;
pub mod key_field;
pub mod run;
