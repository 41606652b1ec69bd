//! How results are printed: tables for people, JSON for scripts. stdout holds the result and nothing else.

pub mod contributor;
pub mod device;
pub mod device_table;
pub mod disk_key;
mod document;
pub mod drain;
mod error;
pub mod history;
mod item;
mod key;
pub mod ledger;
pub mod lifecycle;
mod list;
pub mod location;
pub mod man;
pub mod program;
mod record;
pub mod refusal;
pub mod registry;
mod report;
pub mod session;
mod signed;
#[cfg(feature = "serve")]
mod store;
#[cfg(feature = "top")]
pub mod top;
mod usage;
mod view;
pub mod watch;

pub use {
    document::versioned,
    error::report_error,
    item::Item,
    key::short,
    list::{list, views, warn_unreadable},
    record::{show, Record, Show, NONE},
    report::{as_item, report_item, Report},
    usage::{command_line_error, report_command_line},
    view::View,
};

#[cfg(feature = "serve")]
pub use store::{print_verdict, Hole, ImportView, Verdict};
