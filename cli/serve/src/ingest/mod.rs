//! Reading a ledger into a store, and proving that nothing is missing there.
//!
//! What is confirmed comes in first; a second walk at finalized makes it final or retracts it. Each account counts its
//! mutations, so a hole shows; it is filled by walking the account's own address, while the ledger is followed, and what no node
//! has any more is a lost range.

mod clock;
mod completeness;
mod error;
mod fates;
mod filling;
mod history;
mod holes;
mod pause;
mod problem;
mod run;
mod status;
mod transitions;
mod walks;
mod watch;

#[cfg(test)]
mod tests;

pub use {
    completeness::{audit, audit_device, Accounts, Missing},
    error::IngestError,
    history::{History, Reached},
    problem::{Cause, Standstill},
    run::{Ingest, IngestOptions},
    status::Status,
    transitions::Transition,
};
