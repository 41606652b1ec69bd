//! Why a history cannot be read.

use crate::ledger::LedgerError;

/// Why a history cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The ledger's.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger has none of the cursor's transactions: it has pruned them, or the cursor is another ledger's.
    #[error("the ledger no longer has the place from which the history was to go on")]
    CursorLost,
    /// Nodes behind one URL answered parts of a list that do not fit together.
    #[error("the nodes of the cluster disagree on its transactions")]
    NodesDisagree,
}

impl HistoryError {
    /// Whether it may pass by itself.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Ledger(error) => error.is_outage(),
            Self::CursorLost => false,
            Self::NodesDisagree => true,
        }
    }
}
