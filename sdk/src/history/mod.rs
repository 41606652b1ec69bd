//! What happened, in order, read back from the ledger.

use {crate::event::Event, solana_sdk::signature::Signature};

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
