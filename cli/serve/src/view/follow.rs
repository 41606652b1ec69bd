//! Bringing together what the ledger reports and what is read of it.

use {
    super::{
        known::{AllAccounts, KnownAccounts},
        View,
    },
    ebb_sdk::ledger::{Now, ProgramUpdate},
    solana_sdk::{account::Account, hash::Hash, pubkey::Pubkey},
    std::{collections::BTreeMap, sync::Arc},
    tokio::time::Instant,
};

/// How many accounts are looked up at once: beside the clock, as many as one request takes.
const LOOKED_UP_AT_ONCE: usize = 99;

/// All accounts, as one reading of the ledger found them.
pub struct FullReading {
    /// When it began.
    pub began: Instant,
    /// What the ledger's clock showed before anything else was read.
    pub now: Now,
    /// The newest slot that the ledger reported then; `None` where all there is can be read.
    pub newest: Option<u64>,
    /// The ledger's stamp before the accounts were read.
    pub stamp: Option<Hash>,
    /// The accounts; `None` where they are those of the stamp that was known.
    pub accounts: Option<AllAccounts>,
}

/// Follows the accounts. Reports count only while nothing can be missing between them and what was read.
pub struct Follower {
    accounts: KnownAccounts,
    /// The ledger's stamp of which all of them are.
    stamp: Option<Hash>,
    progress: Option<FeedProgress>,
    is_connected: bool,
    /// The slot of which all accounts have to be read before anything is known to be complete.
    gap: Option<u64>,
    /// Accounts of which events say that they changed, and in which slot, though no report had them: closed ones, and those of
    /// other types.
    named: BTreeMap<Pubkey, u64>,
    /// A slot up to which everything was reported, while accounts are looked up that events of it name.
    complete: Option<FeedProgress>,
    has_news: bool,
    has_changes: bool,
}

/// Up to where the ledger is known.
#[derive(Clone, Copy)]
struct FeedProgress {
    now: Now,
    newest_slot: u64,
    read_at: Instant,
    moved_at: Instant,
}

impl Follower {
    /// Nothing is known of a program's accounts.
    pub fn new(program_id: Pubkey) -> Self {
        Self {
            accounts: KnownAccounts::none(program_id),
            stamp: None,
            progress: None,
            is_connected: false,
            gap: None,
            named: BTreeMap::new(),
            complete: None,
            has_news: false,
            has_changes: false,
        }
    }

    /// The ledger's stamp of which all accounts are known.
    pub fn stamp(&self) -> Option<Hash> {
        self.stamp
    }

    /// Whether the ledger reports changes.
    pub fn is_following(&self) -> bool {
        self.is_connected
    }

    /// Whether something may be missing that only a reading of all accounts finds.
    pub fn has_gap(&self) -> bool {
        self.gap.is_some()
    }

    /// Whether there is something to be published.
    pub fn has_news(&self) -> bool {
        self.has_news && self.progress.is_some()
    }

    /// Whether that is more than a newer slot.
    pub fn has_changes(&self) -> bool {
        self.has_changes
    }

    /// Takes what the ledger reports. Returns whether all accounts have to be read.
    pub fn take(&mut self, update: ProgramUpdate) -> bool {
        match update {
            ProgramUpdate::Connected { slot } => {
                self.is_connected = true;
                self.read_from(slot)
            }
            ProgramUpdate::Disconnected => {
                self.gap = None;
                self.forget();
                std::mem::take(&mut self.is_connected)
            }
            ProgramUpdate::Changed {
                slot,
                address,
                account,
            } => {
                self.accounts.take(slot, address, Some(&account));
                self.changed();
                false
            }
            ProgramUpdate::Named {
                slot,
                subjects,
                are_all,
            } => {
                self.changed();
                for subject in subjects {
                    let known = self.named.entry(subject).or_insert(slot);
                    *known = slot.max(*known);
                }
                !are_all && self.read_from(slot)
            }
            ProgramUpdate::Complete { now, newest } => {
                let read_at = Instant::now();
                self.complete.get_or_insert(FeedProgress {
                    now,
                    newest_slot: newest,
                    read_at,
                    moved_at: read_at,
                });
                self.advance();
                false
            }
        }
    }

    /// Accounts that have to be looked up now.
    pub fn missing(&self) -> Vec<Pubkey> {
        let open = self.open().map(|(address, _)| *address);
        open.take(LOOKED_UP_AT_ONCE).collect()
    }

    /// Takes accounts that were looked up, and the slot that they are of. Returns whether all accounts have to be read.
    pub fn looked_up(&mut self, slot: u64, accounts: &[(Pubkey, Option<Account>)]) -> bool {
        for (address, account) in accounts {
            if self.accounts.take(slot, *address, account.as_ref()) {
                self.changed();
            }
            // Whatever is there: it may be of a type that the view has not, or that this version does not know.
            if self.named.get(address).is_some_and(|named| *named <= slot) {
                self.named.remove(address);
            }
        }
        self.advance();
        // The node that answered is behind the one that reports.
        let is_behind = self.open().any(|(_, named)| slot < *named);
        is_behind && self.failed_to_look_up()
    }

    /// Leaves what could not be looked up to a reading of all accounts. Returns whether that is due.
    pub fn failed_to_look_up(&mut self) -> bool {
        let newest = self.named.values().max().copied();
        self.read_from(newest.unwrap_or_default())
    }

    /// Takes all accounts.
    pub fn read(&mut self, reading: FullReading) {
        let (now, read_at) = (reading.now, reading.began);
        // The time of a ledger in this process never goes back, so that this one was made anew.
        let is_in_process = reading.newest.is_none() && !self.is_connected;
        if is_in_process && self.progress.is_some_and(|known| now.slot < known.now.slot) {
            self.accounts.forget();
            self.progress = None;
        }
        if let Some(accounts) = reading.accounts {
            let are_all = self.accounts.list(accounts);
            self.stamp = reading.stamp.filter(|_| are_all);
        }
        if self.gap.is_some_and(|gap| gap <= now.slot) {
            self.gap = None;
        }
        // A node that is behind may report an older one than was read.
        let reported = reading.newest.map(|newest| newest.max(now.slot));
        let before = self.progress;
        let is_newer = |before: &FeedProgress| reported.is_none_or(|it| it > before.newest_slot);
        let moved_at = match before.filter(|before| !is_newer(before)) {
            Some(before) => before.moved_at,
            None => read_at,
        };
        // What was reported meanwhile may be newer.
        if before.is_none_or(|before| before.now.slot <= now.slot) {
            self.progress = Some(FeedProgress {
                now,
                newest_slot: reported.unwrap_or(now.slot),
                read_at,
                moved_at,
            });
        }
        self.has_news = true;
        self.advance();
    }

    /// The view of what is known, behind another; `None` until all accounts were read for the first time.
    pub fn view(&mut self, before: Option<&View>) -> Option<View> {
        let FeedProgress {
            now,
            newest_slot,
            read_at,
            moved_at,
        } = self.progress?;
        self.has_news = false;
        self.has_changes = false;
        Some(View {
            version: before.map_or(0, |before| before.version) + 1,
            revision: before.map_or(0, |before| before.revision),
            slot: now.slot,
            time: now.time,
            read_at,
            newest_slot,
            moved_at,
            devices: Arc::clone(&self.accounts.devices.table),
            contributors: Arc::clone(&self.accounts.contributors.table),
            locations: Arc::clone(&self.accounts.locations.table),
            registry: self.accounts.registry.account,
        })
    }

    fn changed(&mut self) {
        self.has_news = true;
        self.has_changes = true;
    }

    /// All accounts have to be read, of this slot or a newer one, unless they were. Returns whether they have to.
    fn read_from(&mut self, slot: u64) -> bool {
        self.forget();
        if self.progress.is_some_and(|known| slot <= known.now.slot) {
            return false;
        }
        self.gap = self.gap.max(Some(slot));
        true
    }

    /// What was reported so far has no end.
    fn forget(&mut self) {
        self.named.clear();
        self.complete = None;
    }

    /// Takes note of the slot up to which everything was reported, if all that events of it name is known.
    fn advance(&mut self) {
        let accounts = &self.accounts;
        self.named
            .retain(|address, slot| !accounts.is_of(*slot, address));
        if self.has_gap() {
            self.complete = None;
        }
        if self.open().next().is_some() {
            return;
        }
        let Some(complete) = self.complete.take() else {
            return;
        };
        let before = self.progress.unwrap_or(complete);
        if complete.now.slot < before.now.slot {
            return;
        }
        let has_moved = complete.newest_slot > before.newest_slot;
        self.progress = Some(FeedProgress {
            newest_slot: complete.newest_slot.max(before.newest_slot),
            moved_at: if has_moved {
                complete.moved_at
            } else {
                before.moved_at
            },
            ..complete
        });
        self.has_news = true;
    }

    /// What events name up to the slot that is complete otherwise.
    fn open(&self) -> impl Iterator<Item = (&Pubkey, &u64)> {
        let complete = self.complete.map(|complete| complete.now.slot);
        let named = self.named.iter();
        named.filter(move |(_, slot)| complete.is_some_and(|complete| **slot <= complete))
    }
}
