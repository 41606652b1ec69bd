//! What a server learns of a store that another process writes to.

use {
    super::{
        clock::Clock,
        completeness::{compare, Accounts, Missing},
        error::check_genesis,
        IngestError, Standstill,
    },
    crate::store::{Store, StoreError},
    ebb_sdk::{
        client::Client,
        history::HistoryError,
        ledger::{Finality, SignaturePage},
    },
    jiff::Timestamp,
    std::time::Duration,
};

/// Compares a store with the ledger again and again, reading only.
pub struct Watch {
    /// When the ledger is asked again.
    clock: Clock,
    /// What the store has not been compared with yet.
    snapshot: Option<Snapshot>,
    /// Why the ledger could not be asked the last time.
    pub problem: Option<Standstill>,
}

/// The ledger at one moment.
struct Snapshot {
    /// When it was asked, in Unix seconds.
    taken_at: i64,
    accounts: Accounts,
    /// The slot of the newest transaction, which was listed after the accounts were read.
    newest_slot: u64,
}

/// What a comparison found.
pub struct Compared {
    /// What the store lacks.
    pub missing: Missing,
    /// Until when all that the ledger had is read into the store, in Unix seconds; `None` where it is not.
    pub read_at: Option<i64>,
}

impl Watch {
    /// Nothing was compared yet; the ledger is asked each `interval`.
    pub fn new(interval: Duration) -> Self {
        Self {
            clock: Clock::new(interval),
            snapshot: None,
            problem: None,
        }
    }

    /// Asks the ledger where that is due, and compares the store with it as soon as the writer has read as far. A writer that has
    /// not by the time when the ledger is to be asked again is not waited for.
    ///
    /// # Errors
    /// The store cannot be read, or the ledger is another one. That the ledger does not answer is a [problem](Self::problem).
    pub async fn round(
        &mut self,
        client: &Client,
        store: &Store,
    ) -> Result<Option<Compared>, IngestError> {
        if self.snapshot.is_none() && self.clock.is_due() {
            self.ask(client, store).await?;
            self.clock.reset();
        }
        Ok(self.compare(store).await?)
    }

    async fn ask(&mut self, client: &Client, store: &Store) -> Result<(), IngestError> {
        match Snapshot::take(client, store).await {
            Ok(snapshot) => {
                self.snapshot = Some(snapshot);
                self.problem = None;
            }
            Err(IngestError::History(error)) => {
                let before = self.problem.as_ref();
                self.problem = Some(Standstill::of_ledger(client, before, &error).await);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn compare(&mut self, store: &Store) -> Result<Option<Compared>, StoreError> {
        let Some(snapshot) = &self.snapshot else {
            return Ok(None);
        };
        let is_read = read_to(store).await? >= snapshot.newest_slot;
        if !is_read && !self.clock.is_due() {
            return Ok(None);
        }
        let compared = Compared {
            missing: compare(store, &snapshot.accounts).await?,
            read_at: is_read.then_some(snapshot.taken_at),
        };
        self.snapshot = None;
        Ok(Some(compared))
    }
}

impl Snapshot {
    async fn take(client: &Client, store: &Store) -> Result<Self, IngestError> {
        let taken_at = Timestamp::now().as_second();
        check_genesis(client, store.identity()).await?;
        let accounts = Accounts::read(client).await.map_err(HistoryError::from)?;
        let newest = SignaturePage {
            limit: 1,
            ..SignaturePage::default()
        };
        let listed = client.ledger().signatures(client.program_id(), &newest);
        let listed = listed.await.map_err(HistoryError::from)?;
        Ok(Self {
            taken_at,
            accounts,
            newest_slot: listed.first().map_or(0, |newest| newest.slot),
        })
    }
}

/// The slot up to which the ledger was read into a store.
async fn read_to(store: &Store) -> Result<u64, StoreError> {
    let mut slot = 0;
    for finality in [Finality::Confirmed, Finality::Final] {
        let cursor = store.cursor(finality).await?;
        slot = slot.max(cursor.unwrap_or_default().slot);
    }
    Ok(slot)
}
