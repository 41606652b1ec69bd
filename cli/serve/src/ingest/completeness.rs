//! Whether anything is missing.

use {
    super::{
        clock::Clock,
        fates::resolve,
        filling::{Filling, Reread},
        holes::Holes,
        walks::dead_letters,
        IngestError,
    },
    crate::store::{Intake, Range, RegistrationKey, Store, StoreError, Writer},
    ebb_sdk::{
        client::Client,
        history::{HistoryError, Tip},
        ledger::LedgerError,
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
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// The slot before they were read.
    slot: u64,
    /// How far each is, in the order of their addresses.
    heads: Vec<Tip>,
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
        let registry = registry.map(|registry| Tip {
            subject: address,
            sequence: registry.sequence,
            registration: None,
        });
        let contributors = client.contributors().await?;
        let locations = client.locations().await?;
        let devices = client.devices(&Default::default()).await?;
        let mut heads: Vec<Tip> = registry.into_iter().collect();
        heads.extend(contributors.items.iter().map(Tip::from));
        heads.extend(locations.items.iter().map(Tip::from));
        heads.extend(devices.items.iter().map(Tip::from));
        heads.sort_unstable_by_key(|head| head.subject);
        Ok(Self { slot, heads })
    }

    /// Which registration a device is.
    fn registration(&self, device: &Pubkey) -> Option<RegistrationKey> {
        let place = self.heads.binary_search_by_key(device, |head| head.subject);
        let head = self.heads.get(place.ok()?)?;
        head.registration.map(RegistrationKey::from)
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
    let key = |head: &Tip| (head.subject, head.registration);
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
    head: Option<&Tip>,
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
fn marked(ranges: impl IntoIterator<Item = Range>, lost: &BTreeSet<Range>) -> Missing {
    let ranges = ranges.into_iter();
    ranges.map(|range| (range, lost.contains(&range))).collect()
}

/// What the store has as lost.
async fn lost_ranges(store: &Store) -> Result<BTreeSet<Range>, StoreError> {
    Ok(store.lost_ranges().await?.into_iter().collect())
}

/// The sequences after `have`.
fn after(head: &Tip, have: u64, last: u64) -> Range {
    Range {
        address: head.subject,
        registration: head.registration.map(RegistrationKey::from),
        first: have.saturating_add(1),
        last,
    }
}

/// What a store lacks of what accounts have counted, and which of it the store has as lost.
///
/// # Errors
/// The store cannot be read.
pub async fn compare(store: &Store, accounts: &Accounts) -> Result<Missing, StoreError> {
    let missing = audit(store, accounts).await?;
    let lost = lost_ranges(store).await?;
    Ok(marked(missing, &lost))
}

/// What is missing as of the last check, and what fills it.
pub struct Completeness {
    client: Client,
    accounts: Accounts,
    holes: Holes,
    filling: Filling,
    /// When the ledger is asked for what is lost again.
    lost_clock: Clock,
}

impl Completeness {
    /// Nothing was tried yet; what is lost is asked for again each `lost_interval`.
    pub fn new(client: &Client, lost_interval: Duration) -> Self {
        Self {
            client: client.clone(),
            accounts: Accounts::default(),
            holes: Holes::default(),
            filling: Filling::new(client.clone()),
            lost_clock: Clock::new(lost_interval),
        }
    }

    /// Finds holes, and has the accounts read again that have some. Returns the holes. `accounts` were read before the
    /// store was.
    pub async fn check(
        &mut self,
        store: &Store,
        writer: &mut Writer,
        accounts: Accounts,
    ) -> Result<Missing, IngestError> {
        resolve(&self.client, store, writer).await?;
        self.accounts = accounts;
        let missing = self.compare(store, writer).await?;
        self.queue(&missing);
        Ok(missing)
    }

    /// Whether there is nothing to read again.
    pub fn is_filled(&self) -> bool {
        self.filling.is_done()
    }

    /// Reads on in an account that has a hole. Where there is none it waits for ever; dropping the future loses nothing.
    ///
    /// # Errors
    /// The ledger does not answer as it should.
    pub async fn read_on(&mut self) -> Result<Reread, HistoryError> {
        self.filling.next().await
    }

    /// Appends what was read. Returns what is still missing once all accounts were read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn fill(
        &mut self,
        store: &Store,
        writer: &mut Writer,
        reread: &Reread,
    ) -> Result<Option<Missing>, StoreError> {
        let intake = Intake {
            records: &reread.batch.records,
            dead_letters: &dead_letters(&reread.batch),
            walked: None,
        };
        writer.append(intake).await?;
        if !reread.batch.is_caught_up {
            return Ok(None);
        }
        // Where the first event of a registration is lost, the account says which registration it is.
        if let Some(key) = self.accounts.registration(&reread.address) {
            writer.adopt(&reread.address, key).await?;
        }
        self.holes.tried(&reread.address, reread.final_slot);
        if !self.is_filled() {
            return Ok(None);
        }
        self.compare(store, writer).await.map(Some)
    }

    /// Compares the store with the accounts, and notes what is lost.
    async fn compare(&mut self, store: &Store, writer: &mut Writer) -> Result<Missing, StoreError> {
        let missing = audit(store, &self.accounts).await?;
        let known = lost_ranges(store).await?;
        self.holes.update(&missing, self.accounts.slot, &known);
        let lost = missing.iter().filter(|range| self.holes.is_lost(range));
        let lost: BTreeSet<Range> = lost.copied().collect();
        if lost != known {
            let lost: Vec<Range> = lost.iter().copied().collect();
            writer.set_lost_ranges(&lost).await?;
        }
        Ok(marked(missing, &lost))
    }

    /// Has accounts read again: where what they lack is lost, only now and then.
    fn queue(&mut self, missing: &Missing) {
        let is_due = self.lost_clock.is_due();
        let queued: HashSet<Pubkey> = self.filling.queued().copied().collect();
        let mut tries: HashMap<Pubkey, u32> = HashMap::new();
        for (range, is_lost) in missing {
            if is_due || !is_lost || queued.contains(&range.address) {
                let fewest = tries.entry(range.address).or_insert(u32::MAX);
                *fewest = self.holes.tries(range).min(*fewest);
            }
        }
        self.filling.set_queue(tries);
        if is_due {
            self.lost_clock.reset();
        }
    }
}
