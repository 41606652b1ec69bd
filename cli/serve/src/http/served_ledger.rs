//! Which ledger is served.

use {
    ebb_sdk::{client::Client, json::LedgerOptions},
    solana_sdk::hash::Hash,
    std::{sync::OnceLock, time::Duration},
    tokio::time::sleep,
};

/// How long to wait before the ledger is asked again that did not answer.
const PAUSE: Duration = Duration::from_secs(5);

/// How commands to copy name the ledger, and what distinguishes it from every other.
#[derive(Debug, Default)]
pub struct ServedLedger {
    options: LedgerOptions,
    genesis: OnceLock<Hash>,
}

impl ServedLedger {
    /// Commands to copy name it by these options; its genesis is not known yet.
    pub fn new(options: LedgerOptions) -> Self {
        Self {
            options,
            genesis: OnceLock::new(),
        }
    }

    /// The options of commands to copy.
    pub fn options(&self) -> &LedgerOptions {
        &self.options
    }

    /// The genesis, once it was found.
    pub fn genesis(&self) -> Option<&Hash> {
        self.genesis.get()
    }

    /// Asks the ledger for its genesis until it answers. Whoever reads the view reports that it does not.
    pub async fn find_genesis(&self, client: &Client) {
        loop {
            if let Ok(genesis) = client.ledger().genesis().await {
                self.genesis.get_or_init(|| genesis);
                return;
            }
            sleep(PAUSE).await;
        }
    }
}
