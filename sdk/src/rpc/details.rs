//! What a transaction that landed cost and logged.

use {
    super::RpcLedger,
    crate::ledger::{LedgerError, Receipt},
    solana_client::{
        client_error::ClientErrorKind,
        rpc_config::{CommitmentConfig, RpcTransactionConfig, UiTransactionEncoding},
    },
    solana_sdk::signature::Signature,
};

impl RpcLedger {
    /// The receipt of a transaction that landed, with its compute units, fee and logs: what
    /// [`Ledger::send`](crate::ledger::Ledger::send) leaves out, as it takes one more request.
    /// `None` if the node does not know it, or not yet.
    ///
    /// # Errors
    /// [`LedgerError::Unreachable`], [`LedgerError::Other`]
    pub async fn details(&self, signature: &Signature) -> Result<Option<Receipt>, LedgerError> {
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(self.at_least_confirmed()),
            max_supported_transaction_version: Some(0),
        };
        let answer = self.client.get_transaction_with_config(signature, config);
        let found = match answer.await {
            Ok(found) => found,
            // What is unknown is a `null`, which the client's type has no place for.
            Err(error) if matches!(error.kind(), ClientErrorKind::SerdeJson(_)) => return Ok(None),
            Err(error) => return Err(self.unanswered(error)),
        };
        let meta = found.transaction.meta;
        Ok(Some(Receipt {
            signature: *signature,
            slot: found.slot,
            compute_units: meta
                .as_ref()
                .and_then(|meta| meta.compute_units_consumed.clone().into()),
            fee: meta.as_ref().map(|meta| meta.fee),
            logs: meta
                .and_then(|meta| meta.log_messages.into())
                .unwrap_or_default(),
        }))
    }

    /// The ledger's commitment, but details are not reported below this one.
    pub(super) fn at_least_confirmed(&self) -> CommitmentConfig {
        if self.commitment.is_at_least_confirmed() {
            self.commitment
        } else {
            CommitmentConfig::confirmed()
        }
    }
}
