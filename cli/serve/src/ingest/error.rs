//! Why reading ended early.

use {
    crate::store::{Identity, StoreError},
    ebb_sdk::{client::Client, history::HistoryError},
    solana_sdk::hash::Hash,
};

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The ledger did not answer as it should.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger was made anew, or its address is another one's now.
    #[error(
        "the history store is of the ledger with genesis {stored}, and at its address there is now one with genesis {found}; \
         start the server anew"
    )]
    OtherLedger {
        /// The genesis of the store's ledger.
        stored: Hash,
        /// The ledger's.
        found: Hash,
    },
}

/// Fails if the ledger is not the store's any more.
pub(super) async fn check_genesis(client: &Client, store: &Identity) -> Result<(), IngestError> {
    let found = client.ledger().genesis().await;
    let found = found.map_err(HistoryError::from)?;
    if found != store.genesis {
        let stored = store.genesis;
        return Err(IngestError::OtherLedger { stored, found });
    }
    Ok(())
}
