//! Devices: registered, changed, and taken through their steps.

pub mod create;
pub mod history;
pub mod hold;
pub mod import;
pub mod release;
pub mod remove;
pub mod report_health;
pub mod retire;
pub mod select;
pub mod set_agent;
pub mod step;
pub mod targets;
pub mod update;
pub mod watch;
