use {
    crate::error::CliError,
    ebb_sdk::ledger::{LedgerError, Receipt, SignedMessage},
};

/// What submitting a transaction led to.
pub enum Submission {
    /// The ledger accepted it.
    Accepted(Receipt),
    /// It was to be signed only, and nothing was sent.
    SignedOnly(Box<SignedMessage>),
}

impl Submission {
    /// What a ledger returned; that a transaction was to be signed only is no failure.
    pub fn of(sent: Result<Receipt, LedgerError>) -> Result<Self, CliError> {
        match sent {
            Ok(receipt) => Ok(Self::Accepted(receipt)),
            Err(LedgerError::SignedOnly(message)) => Ok(Self::SignedOnly(message)),
            Err(error) => Err(error.into()),
        }
    }

    /// The receipt of what the ledger accepted.
    pub fn into_receipt(self) -> Option<Receipt> {
        match self {
            Self::Accepted(receipt) => Some(receipt),
            Self::SignedOnly(_) => None,
        }
    }
}
