//! Why reading ended early.

use {crate::store::StoreError, ebb_sdk::history::HistoryError};

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The ledger did not answer as it should.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
