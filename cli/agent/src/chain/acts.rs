//! Who changed a device, read back from the transactions that name it.

use {
    super::Chain,
    crate::Unknown,
    ebb_sdk::{
        client::Client,
        event::{from_logs, Event, EventKind},
        ledger::{Finality, LedgerError, SignatureEntry, SignaturePage},
    },
    solana_sdk::signature::Signature,
    std::{
        collections::{BTreeMap, HashSet},
        time::{Duration, Instant},
    },
    tokio::{task::JoinSet, time::timeout},
};

/// How many transactions are listed at a time.
const PAGE_LEN: usize = 100;
/// How many transactions are read at a time.
const READS_AT_ONCE: usize = 8;
/// How long reading goes on in one pass; the next goes on from there.
const WITHIN: Duration = Duration::from_secs(5);
/// How long changes are waited for that the ledger does not list: a node writes transactions down a moment after they took effect.
const LISTED_WITHIN: Duration = Duration::from_secs(60);

/// One change of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// What happened, and who did it in which role.
    pub event: Event,
    /// The transaction.
    pub signature: Signature,
}

/// Reads who changed a device.
pub struct ActReader {
    client: Client,
    /// By sequence, of the registration that was read last.
    found: BTreeMap<u64, Act>,
    /// Transactions that need not be read again.
    read: HashSet<Signature>,
    incomplete_since: Option<Instant>,
}

impl ActReader {
    /// Of the device that readings of this ledger show.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            found: BTreeMap::new(),
            read: HashSet::new(),
            incomplete_since: None,
        }
    }

    /// The changes that follow the one with the sequence `since`, up to what a reading shows, oldest first. All of them are there,
    /// unless the ledger has not listed some for a minute: it has pruned these.
    ///
    /// # Errors
    /// The ledger did not list all of them yet, or did not answer.
    pub async fn read(&mut self, chain: &Chain, since: u64) -> Result<Vec<Act>, Unknown> {
        let newest = chain.head().sequence;
        self.found.retain(|sequence, _| *sequence > since);
        if newest <= since {
            self.read.clear();
            self.incomplete_since = None;
            return Ok(vec![]);
        }
        let wanted = newest.saturating_sub(since);
        if self.up_to(newest) < wanted {
            match timeout(WITHIN, self.list(chain, since, wanted)).await {
                Ok(listed) => listed.map_err(Unknown::because)?,
                Err(_) => {
                    return Err(Unknown::because(
                        "the ledger takes long to list its changes",
                    ))
                }
            }
        }
        self.complete(newest, wanted)
    }

    /// How many changes are found up to one.
    fn up_to(&self, newest: u64) -> u64 {
        self.found.range(..=newest).count() as u64
    }

    fn complete(&mut self, newest: u64, wanted: u64) -> Result<Vec<Act>, Unknown> {
        let missing = wanted.saturating_sub(self.up_to(newest));
        let since = *self.incomplete_since.get_or_insert_with(Instant::now);
        if missing > 0 && since.elapsed() < LISTED_WITHIN {
            let reason = format!("the ledger does not list {missing} of its changes yet");
            return Err(Unknown::because(reason));
        }
        if missing > 0 {
            tracing::warn!(
                missing,
                "the ledger no longer has all changes of the device: who made them stays unknown"
            );
        }
        self.incomplete_since = None;
        Ok(self.found.range(..=newest).map(|(_, act)| *act).collect())
    }

    /// Lists transactions from the newest back until so many changes are found, or one that is known.
    async fn list(&mut self, chain: &Chain, since: u64, wanted: u64) -> Result<(), LedgerError> {
        let mut before = None;
        loop {
            let page = SignaturePage {
                before,
                limit: PAGE_LEN,
                finality: Finality::Confirmed,
                ..SignaturePage::default()
            };
            let ledger = self.client.ledger();
            let listed = ledger.signatures(&chain.device.address, &page).await?;
            let Some(oldest) = listed.last() else {
                return Ok(());
            };
            before = Some(oldest.signature);
            for entries in listed.chunks(READS_AT_ONCE) {
                let leads_back = self.fetch(chain, since, entries).await?;
                if leads_back || self.up_to(chain.head().sequence) >= wanted {
                    return Ok(());
                }
            }
        }
    }

    /// Reads transactions; returns whether one of them has a change that is known, or the device's creation.
    async fn fetch(
        &mut self,
        chain: &Chain,
        since: u64,
        entries: &[SignatureEntry],
    ) -> Result<bool, LedgerError> {
        let mut reads = JoinSet::new();
        for entry in entries {
            if !entry.failed && !self.read.contains(&entry.signature) {
                let (client, signature) = (self.client.clone(), entry.signature);
                reads.spawn(async move { events(&client, signature).await });
            }
        }
        let mut leads_back = false;
        while let Some(ended) = reads.join_next().await {
            let read = ended.map_err(|error| LedgerError::Other(error.to_string()))?;
            let Some((signature, events)) = read? else {
                continue;
            };
            for event in events {
                if event.subject != chain.device.address {
                    continue;
                }
                leads_back |= event.sequence <= since || event.kind == EventKind::DeviceCreated;
                if event.sequence > since {
                    self.found.insert(event.sequence, Act { event, signature });
                }
            }
            self.read.insert(signature);
        }
        Ok(leads_back)
    }
}

/// The events of a transaction; `None` where the node does not have them, or not all.
async fn events(
    client: &Client,
    signature: Signature,
) -> Result<Option<(Signature, Vec<Event>)>, LedgerError> {
    let found = client
        .ledger()
        .transaction(&signature, Finality::Confirmed)
        .await?;
    let logs = found.and_then(|found| found.logs);
    let logged =
        logs.and_then(|logs| from_logs(client.program_id(), logs.iter().map(String::as_str)).ok());
    let events = logged.and_then(|logged| logged.whole());
    Ok(events.map(|events| (signature, events)))
}
