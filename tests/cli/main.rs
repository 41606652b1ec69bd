//! The `ebb` binary as a user runs it, on embedded ledgers.

mod custody;
mod fleet;
mod support;

mod contributor;
mod demo;
mod device_agent;
mod device_create;
mod device_hold;
mod device_import;
mod device_list;
mod device_steps;
mod disk_key;
mod disk_key_destroy;
#[cfg(unix)]
mod disk_key_killed;
mod disk_key_store;
#[cfg(unix)]
mod disk_key_terminal;
mod drain;
mod drain_fleet;
mod drain_rolling;
#[cfg(unix)]
mod drain_terminal;
mod drain_wait;
mod global;
mod import_files;
mod ledger;
mod lifecycle;
mod location;
mod maintenance;
mod offline;
mod program;
#[cfg(unix)]
mod race;
mod readme;
mod registry;
mod retirement;
mod session;
#[cfg(unix)]
mod terminal;
mod usage;
