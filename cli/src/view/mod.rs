//! What verbs show of accounts.

pub mod contributor;
pub mod device;
pub mod device_table;
pub mod disk_key;
pub mod location;
pub mod registry;
pub mod session;
pub mod time;
