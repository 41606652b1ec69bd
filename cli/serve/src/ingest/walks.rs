//! The two walks over the ledger: what is confirmed, and what is final.

use {
    super::{error::check_genesis, IngestError},
    crate::store::{DeadLetter, Intake, Store, StoreError, Walked, Writer},
    ebb_sdk::{
        client::Client,
        history::{Batch, Cursor, HistoryError, Walk},
        ledger::Finality,
    },
    solana_sdk::pubkey::Pubkey,
    std::time::Duration,
    tokio::time::sleep,
};

/// How long a walk waits for a transaction that the node lists and does not have.
const PAUSE: Duration = Duration::from_millis(200);

/// Both walks, which know where they are.
pub struct Walks {
    client: Client,
    /// Accounts and their codes, which most transactions do not contain.
    codes: Vec<(Pubkey, String)>,
    confirmed: Follow,
    is_final: Follow,
}

/// One of them.
struct Follow {
    walk: Walk,
    finality: Finality,
    /// Whether it goes on from what the store has.
    is_continuous: bool,
}

impl Walks {
    /// The walks that go on where the store is. What is final already is not read a second time as confirmed.
    pub async fn new(
        client: &Client,
        store: &Store,
        writer: &mut Writer,
    ) -> Result<Self, StoreError> {
        let is_final = writer.cursor(Finality::Final).await?.unwrap_or_default();
        let confirmed = writer
            .cursor(Finality::Confirmed)
            .await?
            .unwrap_or_default();
        let confirmed = if confirmed.slot >= is_final.slot {
            confirmed
        } else {
            is_final.clone()
        };
        let codes = store.codes().await?;
        let follow = |finality, cursor| Follow {
            walk: walk(client, &codes, finality, cursor),
            finality,
            is_continuous: true,
        };
        Ok(Self {
            confirmed: follow(Finality::Confirmed, confirmed),
            is_final: follow(Finality::Final, is_final),
            client: client.clone(),
            codes,
        })
    }

    /// Reads all that is there now.
    pub async fn follow_both(&mut self, writer: &mut Writer) -> Result<(), IngestError> {
        let (client, codes) = (&self.client, &self.codes);
        if *self.confirmed.walk.cursor() == Cursor::default() {
            // At the beginning nearly everything is final: it is read once.
            self.is_final.follow(client, codes, writer).await?;
            let cursor = self.is_final.walk.cursor().clone();
            self.confirmed.walk = walk(client, codes, Finality::Confirmed, cursor);
        }
        self.confirmed.follow(client, codes, writer).await?;
        self.is_final.follow(client, codes, writer).await
    }
}

impl Follow {
    async fn follow(
        &mut self,
        client: &Client,
        codes: &[(Pubkey, String)],
        writer: &mut Writer,
    ) -> Result<(), IngestError> {
        loop {
            if self.walk.cursor().anchors.is_empty() {
                // No transaction proves that the ledger is the store's.
                check_genesis(client, writer.identity()).await?;
            }
            let batch = match self.walk.next_batch().await {
                Err(HistoryError::CursorLost) => {
                    // The node has pruned the place: all that it still has is read again, and what is missing shows.
                    self.walk = walk(client, codes, self.finality, Cursor::default());
                    self.is_continuous = false;
                    continue;
                }
                batch => batch?,
            };
            let has_reached_store = self.append(&batch, writer).await?;
            if batch.is_caught_up {
                self.is_continuous |= has_reached_store;
                return Ok(());
            }
            if batch.records.is_empty() && batch.failures.is_empty() {
                sleep(PAUSE).await;
            }
        }
    }

    /// Returns whether the walk is where the store is, or further. While a node is read again from its beginning it is not,
    /// and the store's cursor stays.
    async fn append(&self, batch: &Batch, writer: &mut Writer) -> Result<bool, StoreError> {
        let stored = writer.cursor(self.finality).await?;
        let has_reached_store = stored
            .as_ref()
            .is_none_or(|stored| stored.slot <= batch.cursor.slot);
        let is_empty = batch.records.is_empty() && batch.failures.is_empty();
        let is_empty = is_empty && batch.truncated.is_empty();
        let is_known = !has_reached_store || stored.as_ref() == Some(&batch.cursor);
        if is_empty && is_known {
            return Ok(has_reached_store);
        }
        let walked = Walked {
            finality: self.finality,
            cursor: &batch.cursor,
            is_continuous: self.is_continuous,
        };
        let intake = Intake {
            records: &batch.records,
            dead_letters: &dead_letters(batch),
            walked: has_reached_store.then_some(walked),
        };
        writer.append(intake).await?;
        Ok(has_reached_store)
    }
}

fn walk(client: &Client, codes: &[(Pubkey, String)], finality: Finality, cursor: Cursor) -> Walk {
    let walk = Walk::new(client.clone(), cursor).finality(finality);
    codes
        .iter()
        .fold(walk, |walk, (address, code)| walk.knows(*address, code))
}

/// The transactions of a batch of which something cannot be read.
pub fn dead_letters(batch: &Batch) -> Vec<DeadLetter> {
    let failures = batch.failures.iter().map(|failure| DeadLetter {
        signature: failure.signature,
        slot: failure.slot,
        reason: failure.reason.to_string(),
    });
    let truncated = batch.truncated.iter().map(|truncated| DeadLetter {
        signature: truncated.signature,
        slot: truncated.slot,
        reason: "the runtime cut its logs".to_owned(),
    });
    failures.chain(truncated).collect()
}
