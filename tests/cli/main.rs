//! The `ebb` binary as a user runs it, on embedded ledgers.

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
mod drain;
#[cfg(unix)]
mod drain_terminal;
mod drain_wait;
mod global;
mod ledger;
mod lifecycle;
mod location;
mod program;
mod registry;
mod session;
#[cfg(unix)]
mod terminal;
