//! What several verbs do alike.

pub mod device;
pub mod disk_key;
pub mod drain;
pub mod idempotent;
pub mod import;
pub mod key_field;
pub mod run;
