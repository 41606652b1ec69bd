//! The `ebb` binary as a user runs it, on embedded ledgers.

#[cfg(unix)]
mod agents;
mod custody;
mod fleet;
#[cfg(unix)]
mod pty;
mod server;
#[cfg(unix)]
mod server_export;
#[cfg(unix)]
mod streaming;
#[cfg(unix)]
mod stub;
mod support;

#[cfg(unix)]
mod agent;
#[cfg(unix)]
mod agent_alone;
#[cfg(unix)]
mod agent_programs;
mod completion;
#[cfg(unix)]
mod concurrent;
mod contributor;
#[cfg(unix)]
mod controller;
mod demo;
mod device_agent;
mod device_create;
#[cfg(unix)]
mod device_history;
mod device_hold;
mod device_import;
#[cfg(unix)]
mod device_import_killed;
mod device_list;
mod device_steps;
#[cfg(unix)]
mod device_watch;
mod disk_key;
mod disk_key_destroy;
mod disk_key_forged;
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
mod endpoint;
mod global;
mod help;
mod history;
mod import_files;
mod ledger;
mod ledger_clock;
mod ledger_files;
mod lifecycle;
mod location;
mod maintenance;
mod offline;
mod program;
mod public_cluster;
#[cfg(unix)]
mod read_server;
mod readme;
mod record;
mod registry;
mod retirement;
mod secrets;
mod serve;
mod serve_changes;
#[cfg(target_os = "linux")]
mod serve_faults;
mod serve_history;
mod serve_lost;
mod serve_page;
mod serve_policy;
#[cfg(unix)]
mod serve_postgresql;
mod serve_refusals;
mod serve_relay;
#[cfg(unix)]
mod serve_systemd;
mod session;
#[cfg(unix)]
mod signals;
mod signers;
#[cfg(unix)]
mod stdout;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod terminal_width;
#[cfg(unix)]
mod top;
mod untrusted;
mod usage;
