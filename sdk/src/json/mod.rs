//! Accounts as JSON has them, wherever Ebb writes JSON: one definition for the command line and the service.
//!
//! Keys and codes are text, times are RFC 3339 in UTC, and what is not there is null.

mod command;
mod contributor;
mod device;
mod event;
mod ledger_options;
mod lifecycle;
mod location;
mod refusal;
mod registry;
mod text;
mod time;

pub use {
    command::{commands, DeviceCommand},
    contributor::ContributorJson,
    device::{DeviceJson, DrainJson, HoldJson},
    event::{EventJson, ValueJson},
    ledger_options::LedgerOptions,
    lifecycle::{LifecycleJson, RuleJson},
    location::{to_degrees, LocationJson},
    refusal::RefusedDevice,
    registry::RegistryJson,
    time::{rfc3339, unix_seconds},
};
