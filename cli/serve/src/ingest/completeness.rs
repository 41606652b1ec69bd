//! Whether anything is missing, and filling it.

use {
    super::{clock::Clock, fates::resolve, walks::dead_letters, IngestError},
    crate::store::{Intake, Range, RegistrationKey, Store, StoreError, Writer},
    ebb_sdk::{
        client::Client,
        history::{Cursor, Head, HistoryError, Walk},
        ledger::{Finality, LedgerError},
    },
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::{BTreeSet, HashMap, HashSet},
        time::Duration,
    },
};

/// Sequences that are missing, each range with whether no node has it any more.
pub type Missing = Vec<(Range, bool)>;

/// The accounts that count their mutations, as they were at one moment.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// The slot before they were read.
    slot: u64,
    /// How far each is.
    heads: Vec<Head>,
}

impl Accounts {
    /// Reads them.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn read(client: &Client) -> Result<Self, LedgerError> {
        let slot = client.ledger().now().await?.slot;
        let registry = client.registry().await?;
        let address = ebb_sdk::pda::registry(client.program_id()).0;
        let registry = registry.map(|registry| Head {
            subject: address,
            sequence: registry.sequence,
            registration: None,
        });
        let contributors = client.contributors().await?;
        let locations = client.locations().await?;
        let devices = client.devices(&Default::default()).await?;
        let mut heads: Vec<Head> = registry.into_iter().collect();
        heads.extend(contributors.items.iter().map(Head::from));
        heads.extend(locations.items.iter().map(Head::from));
        heads.extend(devices.items.iter().map(Head::from));
        Ok(Self { slot, heads })
    }

    /// Which registration each device is.
    fn registrations(&self) -> HashMap<Pubkey, RegistrationKey> {
        let heads = self.heads.iter();
        heads
            .filter_map(|head| Some((head.subject, head.registration?.into())))
            .collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.heads.len()
    }
}

/// What a store lacks of what accounts have counted. Lost ranges are among it. Of a device that is gone, of which the last
/// that is known is not its removal, one event is named, and more may be missing.
///
/// # Errors
/// The store cannot be read.
pub async fn audit(store: &Store, accounts: &Accounts) -> Result<Vec<Range>, StoreError> {
    let mut missing = store.gaps().await?;
    let key = |head: &Head| (head.subject, head.registration);
    let known = store.heads().await?;
    let known: HashMap<_, u64> = known
        .iter()
        .map(|head| (key(head), head.sequence))
        .collect();
    for head in &accounts.heads {
        let have = known.get(&key(head)).copied().unwrap_or(0);
        if have < head.sequence {
            missing.push(after(head, have, head.sequence));
        }
    }
    let present: HashSet<_> = accounts.heads.iter().map(key).collect();
    for last in store.unremoved(accounts.slot).await? {
        if !present.contains(&key(&last)) {
            missing.push(after(&last, last.sequence, last.sequence.saturating_add(1)));
        }
    }
    missing.sort_unstable();
    Ok(missing)
}

/// What a store lacks of one device, as far as its account counts where it is there: each range, and whether it is lost.
///
/// # Errors
/// The store cannot be read.
pub async fn audit_device(
    store: &Store,
    address: &Pubkey,
    head: Option<&Head>,
) -> Result<Missing, StoreError> {
    let mut missing: BTreeSet<Range> = store.missing(address).await?.into_iter().collect();
    if let Some(head) = head {
        let known = store.registrations(address).await?.into_iter();
        let known = known
            .filter(|known| known.registration == head.registration)
            .map(|known| known.sequence);
        let key = head.registration.map(RegistrationKey::from);
        let ranges = missing.iter().filter(|range| range.registration == key);
        let last = ranges.map(|range| range.last);
        let have = known.chain(last).max().unwrap_or(0);
        if have < head.sequence {
            missing.insert(after(head, have, head.sequence));
        }
    }
    let lost = store.lost_ranges_of(address).await?.into_iter().collect();
    Ok(marked(missing, &lost))
}

/// Each range with whether it is lost.
fn marked(ranges: BTreeSet<Range>, lost: &BTreeSet<Range>) -> Missing {
    let ranges = ranges.into_iter();
    ranges.map(|range| (range, lost.contains(&range))).collect()
}

/// What the store has as lost.
async fn lost_ranges(store: &Store) -> Result<BTreeSet<Range>, StoreError> {
    Ok(store.lost_ranges().await?.into_iter().collect())
}

/// The sequences after `have`.
fn after(head: &Head, have: u64, last: u64) -> Range {
    Range {
        address: head.subject,
        registration: head.registration.map(RegistrationKey::from),
        first: have.saturating_add(1),
        last,
    }
}

/// What a store lacks, as far as it shows without the accounts.
pub async fn known_missing(store: &Store) -> Result<Missing, StoreError> {
    let lost = lost_ranges(store).await?;
    let mut missing: BTreeSet<Range> = store.gaps().await?.into_iter().collect();
    missing.extend(&lost);
    Ok(marked(missing, &lost))
}

/// How often a hole was there after it was tried to fill it.
#[derive(Clone, Copy, Debug)]
struct Tried {
    /// The slot of the accounts that first showed it: what it lacks happened until then.
    seen_at: u64,
    times: u32,
}

impl Tried {
    /// Whether no node has it.
    fn is_lost(&self) -> bool {
        self.times > 1
    }
}

/// What was found missing so far.
#[derive(Debug)]
pub struct Completeness {
    tried: HashMap<Range, Tried>,
    /// When the ledger is asked for what is lost again.
    lost_clock: Clock,
}

impl Completeness {
    /// Nothing was tried yet; what is lost is asked for again each `lost_interval`.
    pub fn new(lost_interval: Duration) -> Self {
        Self {
            tried: HashMap::new(),
            lost_clock: Clock::new(lost_interval),
        }
    }

    /// Looks for holes, fills them, and notes which are lost. Returns those that are left. `accounts` were read before the
    /// store was.
    pub async fn check(
        &mut self,
        client: &Client,
        store: &Store,
        writer: &mut Writer,
        accounts: &Accounts,
    ) -> Result<Missing, IngestError> {
        resolve(client, store, writer).await?;
        let mut missing = audit(store, accounts).await?;
        if !missing.is_empty() {
            // Only what is final is read again: of what is not yet, nothing is known after it.
            let final_slot = client.ledger().final_slot().await;
            let final_slot = final_slot.map_err(HistoryError::from)?;
            if self.fill(client, writer, accounts, &missing).await? {
                missing = audit(store, accounts).await?;
            }
            self.count_try(&missing, accounts.slot, final_slot);
        } else {
            self.tried.clear();
        }
        let known = lost_ranges(store).await?;
        let is_tried = |range: &Range| self.tried.get(range).is_some_and(Tried::is_lost);
        // What the store has as lost was tried by an earlier ingest.
        let is_lost = |range: &Range| is_tried(range) || known.contains(range);
        let found = missing.iter().map(|range| (*range, is_lost(range)));
        let found: Missing = found.collect();
        let lost: BTreeSet<Range> = missing.into_iter().filter(is_lost).collect();
        if lost != known {
            let lost: Vec<Range> = lost.into_iter().collect();
            writer.set_lost_ranges(&lost).await?;
        }
        Ok(found)
    }

    /// Reads the accounts again of which something is missing: where it is lost, only now and then. Returns whether any was.
    async fn fill(
        &mut self,
        client: &Client,
        writer: &mut Writer,
        accounts: &Accounts,
        missing: &[Range],
    ) -> Result<bool, IngestError> {
        let is_due = self.lost_clock.is_due();
        let is_lost = |range: &Range| self.tried.get(range).is_some_and(Tried::is_lost);
        let asked = missing.iter().filter(|range| is_due || !is_lost(range));
        let addresses: BTreeSet<Pubkey> = asked.map(|range| range.address).collect();
        let registered = accounts.registrations();
        for address in &addresses {
            refill(client, writer, address).await?;
            // Where the first event of a registration is lost, the account says which registration it is.
            if let Some(key) = registered.get(address) {
                writer.adopt(address, *key).await?;
            }
        }
        if is_due {
            self.lost_clock.reset();
        }
        Ok(!addresses.is_empty())
    }

    /// Takes note of what was tried and is still missing. It counts where what it lacks was final before.
    fn count_try(&mut self, missing: &[Range], seen_at: u64, final_slot: u64) {
        let again = |range: &Range| {
            let first = Tried { seen_at, times: 0 };
            let mut tried = self.tried.get(range).copied().unwrap_or(first);
            if tried.seen_at <= final_slot {
                tried.times = tried.times.saturating_add(1);
            }
            (*range, tried)
        };
        self.tried = missing.iter().map(again).collect();
    }
}

/// Reads all that happened to one account again, as far as it is final.
async fn refill(client: &Client, writer: &mut Writer, address: &Pubkey) -> Result<(), IngestError> {
    let walk = Walk::of_account(client.clone(), *address, Cursor::default());
    let mut walk = walk.finality(Finality::Final);
    loop {
        let batch = walk.next_batch().await?;
        let intake = Intake {
            records: &batch.records,
            dead_letters: &dead_letters(&batch),
            walked: None,
        };
        writer.append(intake).await?;
        if batch.is_caught_up {
            return Ok(());
        }
    }
}
