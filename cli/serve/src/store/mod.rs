//! The history that was read from a ledger, kept in a SQLite file or a PostgreSQL database.
//!
//! Any number of processes read a [`Store`]; one at a time holds its [`Writer`], whose lock ends with its process. Rows are
//! only ever appended: each has a position, 1, 2, 3 …, and whoever has read up to one misses nothing by asking for what
//! follows. What was read and how far is committed in one transaction.

mod append;
mod codes;
mod column;
mod cursor;
mod database;
mod entry;
mod error;
mod gaps;
mod identity;
mod insert;
mod limit;
mod lost;
mod query;
mod reader;
mod readers;
mod registration;
mod rows;
mod transfer;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

pub use {
    append::{Appended, Intake, Walked},
    database::{Location, Site},
    entry::{Entry, Place},
    error::StoreError,
    identity::{DeadLetter, Identity},
    query::{Selection, Subject},
    reader::Store,
    registration::{Range, RegistrationKey},
    transfer::{export, export_part, import, ExportedPart, ImportError, Imported, RangeJson},
    writer::{Fate, Writer},
};
