//! Reading accounts again, one after another, to fill holes.

use {
    ebb_sdk::{
        client::Client,
        history::{Batch, Cursor, HistoryError, Walk},
        ledger::Finality,
    },
    futures_util::{
        future::{pending, BoxFuture},
        FutureExt,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeSet, HashMap},
};

/// What was read of an account.
pub struct Reread {
    /// The account.
    pub address: Pubkey,
    /// The final slot when its reading began.
    pub final_slot: u64,
    /// The next of what happened to it, as far as it is final.
    pub batch: Batch,
}

/// Accounts that are to be read again, and the one that is read now.
pub struct Filling {
    client: Client,
    /// Those first that were tried least often.
    queue: BTreeSet<(u32, Pubkey)>,
    reading: Option<AccountReading>,
}

/// The account that is read, and what reads its next batch.
struct AccountReading {
    address: Pubkey,
    next: BoxFuture<'static, (AccountReader, Result<Reread, HistoryError>)>,
}

/// Reads all that happened to one account, as far as it is final.
struct AccountReader {
    client: Client,
    walk: Walk,
    address: Pubkey,
    final_slot: Option<u64>,
}

impl Filling {
    /// Nothing is to be read yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            queue: BTreeSet::new(),
            reading: None,
        }
    }

    /// Sets which accounts are to be read, each with how often that was tried. The one that is read now is not read twice.
    pub fn set_queue(&mut self, tries: HashMap<Pubkey, u32>) {
        let current = self.reading.as_ref().map(|reading| reading.address);
        let others = tries.into_iter().filter(|(it, _)| Some(*it) != current);
        self.queue = others.map(|(address, tries)| (tries, address)).collect();
    }

    /// The accounts that are to be read and that nobody reads yet.
    pub fn queued(&self) -> impl Iterator<Item = &Pubkey> {
        self.queue.iter().map(|(_, address)| address)
    }

    /// Whether all were read.
    pub fn is_done(&self) -> bool {
        self.queue.is_empty() && self.reading.is_none()
    }

    /// Reads on, for ever where nothing is to be read. Whoever drops the future loses nothing: the next call goes on.
    ///
    /// # Errors
    /// The ledger does not answer as it should. After an outage the next call goes on, else with another account.
    pub async fn next(&mut self) -> Result<Reread, HistoryError> {
        if self.reading.is_none() {
            self.reading = self.begin();
        }
        let Some(AccountReading { address, next }) = &mut self.reading else {
            return pending().await;
        };
        let address = *address;
        let (reader, read) = next.await;
        let goes_on = match &read {
            Ok(reread) => !reread.batch.is_caught_up,
            Err(error) => error.is_outage(),
        };
        self.reading = goes_on.then(|| AccountReading {
            address,
            next: reader.read_on().boxed(),
        });
        read
    }

    fn begin(&mut self) -> Option<AccountReading> {
        let (_, address) = self.queue.pop_first()?;
        let walk = Walk::of_account(self.client.clone(), address, Cursor::default());
        let reader = AccountReader {
            client: self.client.clone(),
            walk: walk.finality(Finality::Final),
            address,
            final_slot: None,
        };
        let next = reader.read_on().boxed();
        Some(AccountReading { address, next })
    }
}

impl AccountReader {
    async fn read_on(mut self) -> (Self, Result<Reread, HistoryError>) {
        let read = self.next_batch().await;
        (self, read)
    }

    async fn next_batch(&mut self) -> Result<Reread, HistoryError> {
        let final_slot = match self.final_slot {
            Some(slot) => slot,
            None => self.client.ledger().final_slot().await?,
        };
        self.final_slot = Some(final_slot);
        Ok(Reread {
            address: self.address,
            final_slot,
            batch: self.walk.next_batch().await?,
        })
    }
}
