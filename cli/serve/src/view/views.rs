//! The newest view, who waits for the next one, and what changed lately.

use {
    super::{
        trail::{TrailPoint, Trails},
        Changes, View,
    },
    ebb_sdk::fleet::Selection,
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::VecDeque,
        fmt,
        hash::{BuildHasher, Hasher, RandomState},
        str::FromStr,
        sync::{Arc, Mutex, PoisonError},
    },
    tokio::{sync::watch, time::Instant},
};

/// Where a stream of changes stands: which server it is of, and up to which of its views it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    instance: u64,
    version: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.instance, self.version)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (instance, version) = text.split_once('-').ok_or(())?;
        Ok(Self {
            instance: u64::from_str_radix(instance, 16).map_err(drop)?,
            version: version.parse().map_err(drop)?,
        })
    }
}

/// The views of this server: the newest, and the changes that led to it.
pub struct Views {
    /// Two servers, or two runs of one, count their views by themselves.
    instance: u64,
    newest: watch::Sender<Option<Arc<View>>>,
    /// The ledger's time at which something may be found that is not found in the newest view, though no account changes.
    due: watch::Sender<Option<i64>>,
    log: Mutex<Log>,
    trails: Mutex<Trails>,
}

/// What changed with which view, as far back as it is kept.
struct Log {
    /// How many changes are kept at most.
    capacity: usize,
    entries: VecDeque<(u64, Arc<Changes>)>,
    changes: usize,
    /// All that changed after this version is here.
    complete_after: u64,
}

impl Views {
    /// Views of which so many changes are kept.
    pub fn keeping(capacity: usize) -> Self {
        Self {
            instance: RandomState::new().build_hasher().finish(),
            newest: watch::Sender::new(None),
            due: watch::Sender::new(None),
            log: Mutex::new(Log {
                capacity,
                entries: VecDeque::new(),
                changes: 0,
                complete_after: 1,
            }),
            trails: Mutex::default(),
        }
    }

    /// The newest view; `None` until the ledger was read for the first time.
    pub fn newest(&self) -> Option<Arc<View>> {
        self.newest.borrow().clone()
    }

    /// Reports every view in which something may be found that was not found in the one before.
    pub fn subscribe(&self) -> watch::Receiver<Option<Arc<View>>> {
        self.newest.subscribe()
    }

    /// Replaces the newest view.
    pub fn publish(&self, view: View) {
        let revision = self.revision(&view);
        let view = View { revision, ..view };
        let is_new = revision == view.version;
        self.trails().record(&view);
        if is_new {
            self.due
                .send_replace(view.next_moment(&Selection::default()));
        }
        if let Some(before) = self.newest().filter(|_| is_new) {
            let changes = Changes::between(&before, &view);
            if changes.count() > 0 {
                self.lock().push(view.version, changes);
            }
        }
        self.newest.send_if_modified(|newest| {
            *newest = Some(Arc::new(view));
            is_new
        });
    }

    /// The first version in which all is found that is found in a view, which is about to be the newest.
    fn revision(&self, view: &View) -> u64 {
        let Some(before) = self.newest() else {
            return view.version;
        };
        let due = *self.due.borrow();
        let is_due = view.time < before.time || due.is_some_and(|due| due <= view.time);
        if view.has_accounts_of(&before) && !is_due {
            before.revision
        } else {
            view.version
        }
    }

    /// Has the views renewed at a time of the ledger, in Unix seconds, at which a query finds something else in a view.
    pub fn renew_at(&self, view: &View, time: i64) {
        let newest = self.newest();
        if newest.is_none_or(|newest| newest.revision != view.revision) {
            return;
        }
        self.due.send_if_modified(|due| {
            let is_earlier = due.is_none_or(|due| time < due);
            if is_earlier {
                *due = Some(time);
            }
            is_earlier
        });
    }

    /// When the views are to be renewed though no account changes.
    pub(super) fn due(&self) -> Option<Instant> {
        let (newest, due) = (self.newest()?, *self.due.borrow());
        due.map(|due| newest.instant_of(due))
    }

    /// Reports when that is another time.
    pub(super) fn due_changes(&self) -> watch::Receiver<Option<i64>> {
        self.due.subscribe()
    }

    /// Where a stream stands that has all up to a version.
    pub fn position(&self, version: u64) -> Position {
        Position {
            instance: self.instance,
            version,
        }
    }

    /// Whether all that changed after a position is still here.
    pub fn keeps_all_after(&self, position: &Position) -> bool {
        self.lock().is_complete_after(self.instance, position)
    }

    /// What changed strictly after a position and up to a version, oldest first, each with the version that it came with;
    /// `None` if the position is another server's, or too old.
    pub fn changes(&self, after: &Position, to: u64) -> Option<Vec<(u64, Arc<Changes>)>> {
        let log = self.lock();
        if !log.is_complete_after(self.instance, after) || after.version > to {
            return None;
        }
        let entries = log.entries.iter();
        let entries = entries.filter(|(version, _)| (after.version + 1..=to).contains(version));
        Some(entries.cloned().collect())
    }

    /// How many sessions a draining device had since its drain started, oldest first.
    pub fn trail(&self, device: &Pubkey) -> Vec<TrailPoint> {
        self.trails().of(device)
    }

    fn trails(&self) -> std::sync::MutexGuard<'_, Trails> {
        self.trails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn is_complete_after(&self, instance: u64, position: &Position) -> bool {
        position.instance == instance && position.version >= self.complete_after
    }

    fn push(&mut self, version: u64, changes: Changes) {
        self.changes += changes.count();
        self.entries.push_back((version, changes.into()));
        while self.changes > self.capacity {
            let Some((dropped, changes)) = self.entries.pop_front() else {
                break;
            };
            self.changes = self.changes.saturating_sub(changes.count());
            self.complete_after = dropped;
        }
    }
}
