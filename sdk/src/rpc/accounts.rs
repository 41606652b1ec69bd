//! Accounts by their addresses.

use {
    super::RpcLedger,
    crate::ledger::LedgerError,
    futures_util::{stream, StreamExt, TryStreamExt},
    solana_client::{
        rpc_config::{RpcAccountInfoConfig, UiAccountEncoding},
        rpc_request::MAX_MULTIPLE_ACCOUNTS,
        rpc_response::UiAccount,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::account::Account,
};

/// How many reads of 100 accounts are in flight at a time.
const READS_AT_ONCE: usize = 8;

impl RpcLedger {
    /// See [`Ledger::accounts`](crate::ledger::Ledger::accounts).
    pub(super) async fn accounts_at(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Account>>, LedgerError> {
        let mut reads = vec![];
        for chunk in addresses.chunks(MAX_MULTIPLE_ACCOUNTS) {
            reads.push(self.some_accounts(chunk));
        }
        let read: Vec<_> = stream::iter(reads)
            .buffered(READS_AT_ONCE)
            .try_collect()
            .await?;
        Ok(read.into_iter().flatten().collect())
    }

    pub(super) fn account_config(&self) -> RpcAccountInfoConfig {
        RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(self.commitment),
            ..RpcAccountInfoConfig::default()
        }
    }

    /// As many accounts as one request takes.
    async fn some_accounts(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Account>>, LedgerError> {
        let answer = self
            .client
            .get_multiple_ui_accounts_with_config(addresses, self.account_config())
            .await
            .map_err(|error| self.unanswered(error))?
            .value;
        let (sent, asked) = (answer.len(), addresses.len());
        if sent != asked {
            let url = &self.url;
            return Err(LedgerError::Other(format!(
                "{url} sent {sent} accounts for {asked} addresses"
            )));
        }
        let found = addresses.iter().zip(&answer);
        found
            .map(|(address, account)| {
                let account = account.as_ref();
                account.map(|it| self.decode(address, it)).transpose()
            })
            .collect()
    }

    fn decode(&self, address: &Pubkey, account: &UiAccount) -> Result<Account, LedgerError> {
        account.to_account().ok_or_else(|| {
            LedgerError::Other(format!("{} sent an unreadable account {address}", self.url))
        })
    }
}
