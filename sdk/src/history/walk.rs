//! Reading forward from a cursor.
//!
//! Signatures are listed from the newest back to where the walk stopped, and read from the oldest on.

use {
    super::{
        cursor::MAX_ANCHORS,
        listing::NewerList,
        transaction::{read, Added, Codes},
        Cursor, HistoryError, Record, Truncated, Undecodable, Unread,
    },
    crate::{
        client::Client,
        ledger::{Finality, SignatureEntry, TransactionEntry},
    },
    futures_util::{stream, StreamExt, TryStreamExt},
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::collections::HashSet,
};

/// How many transactions a batch has, and what else is in the slot of the last.
const BATCH_LEN: usize = 200;
/// How many transactions are read at a time.
const READS_AT_ONCE: usize = 8;
/// How often the walk stops at transactions that the node lists and does not have, before it goes past them.
const STOPS: u32 = 3;

/// What a walk has read in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What happened, oldest first, in whole slots.
    pub records: Vec<Record>,
    /// Where to go on.
    pub cursor: Cursor,
    /// Transactions whose events cannot be read.
    pub failures: Vec<Undecodable>,
    /// Transactions whose logs were cut.
    pub truncated: Vec<Truncated>,
    /// Whether there was nothing newer when the batch was read.
    pub is_caught_up: bool,
}

/// Reads the history forward from a cursor.
///
/// Each record is returned at least once: those of the newest slots may come again where the cluster dropped a
/// transaction that was the cursor's. Subject and sequence of an event, with signature and place, say which are the
/// same.
///
/// A node writes transactions down a moment after they took effect, those of one slot in any order. So a walk of what is
/// only confirmed may pass one, which [`verify`](super::verify) then reports; a second walk, of what is final, passes none.
pub struct Walk {
    client: Client,
    address: Pubkey,
    /// Whose events are returned, if not everybody's.
    subject: Option<Pubkey>,
    finality: Finality,
    cursor: Cursor,
    /// What lists those that are newer, once it has begun.
    listing: Option<NewerList>,
    /// Listed and not read yet, newest first.
    pending: Vec<SignatureEntry>,
    /// How often it stopped in front of the oldest of these.
    stops: u32,
    codes: Codes,
    /// Those that were read, if the walk may begin again.
    done: Option<HashSet<Signature>>,
}

impl Walk {
    /// Reads all that happened to the program's accounts.
    pub fn new(client: Client, cursor: Cursor) -> Self {
        Self {
            address: *client.program_id(),
            client,
            subject: None,
            finality: Finality::Confirmed,
            cursor,
            listing: None,
            pending: vec![],
            stops: 0,
            codes: Codes::new(),
            done: None,
        }
    }

    /// Reads what happened to one account. It need not be there any more.
    pub fn of_account(client: Client, address: Pubkey, cursor: Cursor) -> Self {
        Self {
            address,
            subject: Some(address),
            ..Self::new(client, cursor)
        }
    }

    /// Reads only what is so sure. By default what is confirmed.
    pub fn finality(self, finality: Finality) -> Self {
        Self { finality, ..self }
    }

    /// The code of an account, for records of transactions that do not contain it. Codes of accounts whose creation
    /// the walk reads are known from there on.
    pub fn knows(mut self, address: Pubkey, code: impl Into<String>) -> Self {
        self.codes.insert(address, code.into());
        self
    }

    /// Lets the walk [begin again](Self::begin_again).
    pub(super) fn remembering(self) -> Self {
        let done = Some(HashSet::new());
        Self { done, ..self }
    }

    /// Begins at the oldest transaction again, and leaves out those that were read.
    pub(super) fn begin_again(&mut self) {
        self.cursor = Cursor::default();
        self.listing = None;
        self.pending.clear();
        self.stops = 0;
    }

    /// Where the walk is.
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Reads on: some transactions, or none if there is nothing new. What it fails at is read by the next call.
    ///
    /// # Errors
    /// All of [`HistoryError`].
    pub async fn next_batch(&mut self) -> Result<Batch, HistoryError> {
        if self.pending.is_empty() {
            self.pending = self.newer().await?;
        }
        let listed = self.whole_slots();
        let found = self.fetch(&listed).await?;
        let len = self.readable(&listed, &found);
        let mut batch = Batch {
            records: vec![],
            cursor: Cursor::default(),
            failures: vec![],
            truncated: vec![],
            is_caught_up: false,
        };
        for (entry, found) in listed.iter().zip(found).take(len) {
            let added = self.added(entry, found);
            let subject = self.subject;
            let records = added.records.into_iter();
            let wanted = records.filter(|it| subject.is_none_or(|of| it.event.subject == of));
            batch.records.extend(wanted);
            batch.failures.extend(added.failure);
            batch.truncated.extend(added.truncated);
        }
        self.take(len);
        batch.cursor = self.cursor.clone();
        batch.is_caught_up = self.pending.is_empty();
        Ok(batch)
    }

    /// The transactions that are newer than the cursor, newest first.
    async fn newer(&mut self) -> Result<Vec<SignatureEntry>, HistoryError> {
        let listing = self.listing.get_or_insert_with(|| {
            NewerList::new(self.address, self.finality, self.cursor.clone())
        });
        let newer = match listing.finish(self.client.ledger()).await {
            Err(HistoryError::Ledger(error)) => return Err(error.into()),
            ended => {
                self.listing = None;
                ended?
            }
        };
        // A node that leads back to an older anchor, and knows nothing as new as the cursor, is behind.
        let is_behind = newer
            .first()
            .is_some_and(|newest| newest.slot < self.cursor.slot);
        Ok(if is_behind { vec![] } else { newer })
    }

    /// The next of those that are listed, oldest first, up to the end of a slot.
    fn whole_slots(&self) -> Vec<SignatureEntry> {
        let oldest_first = || self.pending.iter().rev();
        let Some(last) = oldest_first().nth(BATCH_LEN.saturating_sub(1)) else {
            return oldest_first().copied().collect();
        };
        let pending = oldest_first().enumerate();
        let taken = pending.take_while(|(at, entry)| *at < BATCH_LEN || entry.slot == last.slot);
        taken.map(|(_, entry)| *entry).collect()
    }

    /// The transactions that count, in their order: not those that failed or were read before.
    async fn fetch(
        &self,
        listed: &[SignatureEntry],
    ) -> Result<Vec<Option<TransactionEntry>>, HistoryError> {
        let reads = listed.iter().map(|entry| async move {
            if !self.counts(entry) {
                return Ok(None);
            }
            let ledger = self.client.ledger();
            ledger.transaction(&entry.signature, self.finality).await
        });
        let reads: Vec<_> = reads.collect();
        let found = stream::iter(reads).buffered(READS_AT_ONCE);
        Ok(found.try_collect().await?)
    }

    fn counts(&self, entry: &SignatureEntry) -> bool {
        let is_done = |done: &HashSet<_>| done.contains(&entry.signature);
        !entry.failed && !self.done.as_ref().is_some_and(is_done)
    }

    /// How many of those that are listed are taken now: the whole slots before the first that the node does not have,
    /// for a while, as another node may have it.
    fn readable(&mut self, listed: &[SignatureEntry], found: &[Option<TransactionEntry>]) -> usize {
        let mut both = listed.iter().zip(found);
        let missing = both.find(|(entry, found)| found.is_none() && self.counts(entry));
        let Some((missing, _)) = missing.filter(|_| self.stops < STOPS) else {
            self.stops = 0;
            return listed.len();
        };
        self.stops = self.stops.saturating_add(1);
        let whole = listed.iter().take_while(|entry| entry.slot < missing.slot);
        whole.count()
    }

    fn added(&mut self, entry: &SignatureEntry, found: Option<TransactionEntry>) -> Added {
        if !self.counts(entry) {
            return Added::default();
        }
        let Some(found) = found else {
            let failure = Undecodable {
                signature: entry.signature,
                slot: entry.slot,
                reason: Unread::Missing,
            };
            return Added {
                failure: Some(failure),
                ..Added::default()
            };
        };
        if let Some(done) = &mut self.done {
            done.insert(entry.signature);
        }
        read(self.client.program_id(), entry, &found, &mut self.codes)
    }

    /// Moves the cursor behind the oldest of those that are listed.
    fn take(&mut self, len: usize) {
        let taken = self
            .pending
            .split_off(self.pending.len().saturating_sub(len));
        let Some(newest) = taken.first() else {
            return;
        };
        let mut anchors = vec![];
        let mut slot = None;
        for entry in &taken {
            if slot.replace(entry.slot) != Some(entry.slot) {
                anchors.push(entry.signature);
            }
        }
        let known: Vec<_> = self.cursor.anchors.drain(..).collect();
        anchors.extend(
            known
                .into_iter()
                .filter(|it| !taken.iter().any(|entry| entry.signature == *it)),
        );
        anchors.truncate(MAX_ANCHORS);
        self.cursor = Cursor {
            slot: newest.slot.max(self.cursor.slot),
            anchors,
        };
    }
}
