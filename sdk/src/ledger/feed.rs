//! What a ledger reports of accounts by itself.

use {
    super::Now, async_trait::async_trait, solana_program::pubkey::Pubkey,
    solana_sdk::account::Account,
};

/// Something that a ledger reports of the accounts that a program owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramUpdate {
    /// Every change is reported from this slot on. Those before it have to be read.
    Connected {
        /// The slot.
        slot: u64,
    },
    /// Changes are no longer reported, until it is connected again.
    Disconnected,
    /// An account as a slot left it. One that was closed is reported by the events that name it only.
    Changed {
        /// The slot.
        slot: u64,
        /// Its address.
        address: Pubkey,
        /// What is there.
        account: Account,
    },
    /// The events of an accepted transaction.
    Named {
        /// The slot.
        slot: u64,
        /// The accounts that they are of.
        subjects: Vec<Pubkey>,
        /// Whether those are all: events may be cut, or of a newer version.
        are_all: bool,
    },
    /// Every change up to a slot was reported.
    Complete {
        /// The slot, and the ledger's time then.
        now: Now,
        /// The newest slot that the ledger has.
        newest: u64,
    },
}

/// Reports changes of accounts with what they are now. A connection may lose some without a sign of it: read all accounts
/// now and then all the same.
#[async_trait]
pub trait ProgramFeed: Send {
    /// Returns the next update. Dropping the future loses none.
    async fn next(&mut self) -> ProgramUpdate;
}

/// For a ledger that reports nothing.
pub struct NoFeed;

#[async_trait]
impl ProgramFeed for NoFeed {
    async fn next(&mut self) -> ProgramUpdate {
        std::future::pending().await
    }
}
