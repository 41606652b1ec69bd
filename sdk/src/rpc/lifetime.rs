//! How long a transaction can land.

use {
    super::{CommitmentConfig, Failure, RpcLedger},
    crate::ledger::{nonce, LedgerError},
    serde_json::json,
    solana_client::{
        rpc_config::{RpcAccountInfoConfig, UiAccountEncoding},
        rpc_request::RpcRequest,
        rpc_response::Response,
    },
    solana_program::{hash::Hash, pubkey::Pubkey},
    solana_sdk::{account::Account, transaction::VersionedTransaction},
};

/// A blockhash that is valid now has expired after so many blocks: it lives for 150, and nodes may be
/// a little apart.
const BLOCKHASH_LIFE: u64 = 200;

/// What limits how long a transaction can land.
pub(super) enum TransactionLifetime {
    /// Its blockhash is valid in no block after this one.
    LastBlock(u64),
    /// It uses the value that a nonce account had at a slot.
    Nonce {
        /// The account.
        address: Pubkey,
        /// The value.
        value: Hash,
        /// The slot.
        slot: u64,
    },
    /// At this slot it could not land, and it was not sent since.
    Over(u64),
}

impl RpcLedger {
    /// How long a transaction that was signed before can land.
    ///
    /// # Errors
    /// [`LedgerError::Unreachable`], [`LedgerError::Behind`], [`LedgerError::Other`]
    pub(super) async fn lifetime_of(
        &self,
        transaction: &VersionedTransaction,
    ) -> Result<TransactionLifetime, LedgerError> {
        let lifetime = match nonce_address(transaction) {
            Some(address) => self.nonce_lifetime(transaction, address).await,
            None => {
                let blockhash = transaction.message.recent_blockhash();
                self.blockhash_lifetime(blockhash).await
            }
        };
        lifetime.map_err(|failure| self.unanswered(failure))
    }

    async fn blockhash_lifetime(&self, blockhash: &Hash) -> Result<TransactionLifetime, Failure> {
        let mut slot = 0;
        for commitment in self.newest_first() {
            let params = json!([blockhash.to_string(), commitment]);
            // The client's own method leaves out the slot.
            let is_valid: Response<bool> = self
                .client
                .send(RpcRequest::IsBlockhashValid, params)
                .await?;
            if is_valid.value {
                let now = self
                    .client
                    .get_epoch_info_with_commitment(CommitmentConfig::processed())
                    .await?;
                let last = now.block_height.saturating_add(BLOCKHASH_LIFE);
                return Ok(TransactionLifetime::LastBlock(last));
            }
            slot = is_valid.context.slot;
        }
        Ok(TransactionLifetime::Over(slot))
    }

    async fn nonce_lifetime(
        &self,
        transaction: &VersionedTransaction,
        address: Pubkey,
    ) -> Result<TransactionLifetime, Failure> {
        let value = *transaction.message.recent_blockhash();
        let keys = transaction.message.static_account_keys();
        let mut over = 0;
        for commitment in self.newest_first() {
            let (slot, account) = self.account_at(&address, commitment).await?;
            let data = account.and_then(|account| nonce::data(&account).ok());
            let mut signers = keys.iter().take(transaction.signatures.len());
            let is_usable = data.is_some_and(|data| {
                data.blockhash() == value && signers.any(|key| *key == data.authority)
            });
            if is_usable {
                return Ok(TransactionLifetime::Nonce {
                    address,
                    value,
                    slot,
                });
            }
            over = slot;
        }
        Ok(TransactionLifetime::Over(over))
    }

    /// At which commitments it is asked whether a transaction can land. What cannot by the newest block of all may yet, where
    /// that block is dropped.
    fn newest_first(&self) -> [CommitmentConfig; 2] {
        [CommitmentConfig::processed(), self.at_least_confirmed()]
    }

    /// A slot beyond the last in which a transaction can land, once the cluster has reached one that is not rolled
    /// back.
    pub(super) async fn end_of(
        &self,
        lifetime: &TransactionLifetime,
    ) -> Result<Option<u64>, Failure> {
        let commitment = self.at_least_confirmed();
        match lifetime {
            TransactionLifetime::LastBlock(last) => {
                let now = self
                    .client
                    .get_epoch_info_with_commitment(commitment)
                    .await?;
                Ok((now.block_height > *last).then_some(now.absolute_slot))
            }
            TransactionLifetime::Nonce {
                address,
                value,
                slot,
            } => {
                let (now, account) = self.account_at(address, commitment).await?;
                let data = account.and_then(|account| nonce::data(&account).ok());
                let is_held = data.is_some_and(|data| data.blockhash() == *value);
                // Before that slot it may not have had the value yet.
                Ok((!is_held && now >= *slot).then_some(now))
            }
            TransactionLifetime::Over(slot) => Ok(Some(*slot)),
        }
    }

    /// An account, and the slot that it is of.
    async fn account_at(
        &self,
        address: &Pubkey,
        commitment: CommitmentConfig,
    ) -> Result<(u64, Option<Account>), Failure> {
        let config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(commitment),
            ..RpcAccountInfoConfig::default()
        };
        let found = self
            .client
            .get_ui_account_with_config(address, config)
            .await?;
        let unreadable = || Failure::NoAnswer(format!("the account {address} cannot be read"));
        let account = found.value.map(|it| it.to_account().ok_or_else(unreadable));
        Ok((found.context.slot, account.transpose()?))
    }
}

/// The nonce account whose value a transaction has in place of a blockhash.
fn nonce_address(transaction: &VersionedTransaction) -> Option<Pubkey> {
    if !transaction.uses_durable_nonce() {
        return None;
    }
    let advance = transaction.message.instructions().first()?;
    let place = usize::from(*advance.accounts.first()?);
    transaction
        .message
        .static_account_keys()
        .get(place)
        .copied()
}
