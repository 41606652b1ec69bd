//! What submitting a transaction leads to.

use super::{LedgerError, Receipt, SignedMessage};

/// What submitting a transaction led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// The ledger accepted it.
    Accepted(Receipt),
    /// It was to be signed only, and nothing was sent.
    SignedOnly(Box<SignedMessage>),
}

impl Submission {
    /// The receipt of what the ledger accepted.
    ///
    /// # Errors
    /// [`LedgerError::NotSent`]
    pub fn receipt(self) -> Result<Receipt, LedgerError> {
        match self {
            Self::Accepted(receipt) => Ok(receipt),
            Self::SignedOnly(_) => Err(LedgerError::NotSent),
        }
    }
}
