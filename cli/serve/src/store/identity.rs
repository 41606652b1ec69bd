//! What a store is of, and what it has beside events.

use solana_sdk::{hash::Hash, pubkey::Pubkey, signature::Signature};

/// What a store is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The ledger's genesis.
    pub genesis: Hash,
    /// The program's id.
    pub program: Pubkey,
}

/// A transaction in which something of this program happened that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The transaction.
    pub signature: Signature,
    /// Its slot.
    pub slot: u64,
    /// Why it cannot be read.
    pub reason: String,
}
