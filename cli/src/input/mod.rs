//! What the user gives: options, values, files and keys.

pub mod address;
#[cfg(feature = "agent")]
pub mod agent;
pub mod config;
pub mod confirm;
pub mod csv_file;
pub mod device_row;
pub mod disk_path;
pub mod drain;
pub mod filter;
pub mod key;
pub mod location_row;
pub mod offline;
pub mod options;
pub mod parallel;
pub mod secret;
pub mod server;
pub mod signer;
pub mod signing;
pub mod similar;
pub mod source;
#[cfg(feature = "serve")]
pub mod store;
pub mod token;
pub mod value;
