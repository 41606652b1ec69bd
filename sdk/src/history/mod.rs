//! What happened, in order, read back from the ledger.
//!
//! A [`Walk`] reads the transactions that name the program, or one account, from a [`Cursor`] on and turns what
//! the program logged into [`Record`]s. Events can be lost, as nodes prune and cut logs, and a loss shows: each
//! account counts its mutations, so that [`verify`] finds every hole. [`DeviceHistory`] is all of this for one
//! device.
//!
//! ```no_run
//! use ebb_sdk::{client::Client, history::{Cursor, HistoryError, Walk}};
//!
//! /// Prints what happens, from a cursor on; `keep` keeps the cursor for the next start.
//! async fn follow(client: Client, cursor: Cursor, keep: impl Fn(&Cursor)) -> Result<(), HistoryError> {
//!     let mut walk = Walk::new(client, cursor);
//!     loop {
//!         let batch = walk.next_batch().await?;
//!         for record in &batch.records {
//!             println!("{:?} of {}", record.event.kind, record.event.subject);
//!         }
//!         keep(&batch.cursor);
//!         if batch.is_caught_up {
//!             return Ok(());
//!         }
//!     }
//! }
//! ```

mod cursor;
mod device;
mod error;
mod listing;
mod registration;
#[cfg(test)]
mod tests;
mod transaction;
mod walk;

pub use {
    cursor::{Cursor, CursorError},
    device::DeviceHistory,
    error::HistoryError,
    registration::{gaps, registrations, verify, Gap, Registration, Tip},
    walk::{Batch, Walk},
};

use {
    crate::{error::EbbError, event::Event},
    solana_sdk::signature::Signature,
    std::fmt,
};

/// An accepted mutation and where the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What happened.
    pub event: Event,
    /// The code of the account that changed, where the transaction or the account has it.
    pub code: Option<String>,
    /// The transaction.
    pub signature: Signature,
    /// Which transaction of its slot it is, from 0, where the node says it.
    pub index: Option<u32>,
    /// Which of the transaction's events it is, from 0.
    pub place: u32,
    /// Whether the ledger can no longer drop it.
    pub is_final: bool,
}

/// A transaction whose events cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The transaction.
    pub signature: Signature,
    /// The slot it landed in.
    pub slot: u64,
    /// Why.
    pub reason: Unread,
}

/// Why a transaction's events cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The node lists the transaction and does not have it.
    #[error("the node no longer has it")]
    Missing,
    /// The node keeps no logs.
    #[error("the node keeps no logs")]
    NoLogs,
    /// The program logged what this version does not understand.
    #[error("an event in it cannot be read: {0}")]
    Event(EbbError),
}

/// A transaction whose logs the runtime cut: of its events, those behind the cut are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncated {
    /// The transaction.
    pub signature: Signature,
    /// The slot it landed in.
    pub slot: u64,
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            signature,
            slot,
            reason,
        } = self;
        write!(f, "transaction {signature} in slot {slot}: {reason}")
    }
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signature, slot } = self;
        write!(
            f,
            "transaction {signature} in slot {slot}: the runtime cut its logs"
        )
    }
}
