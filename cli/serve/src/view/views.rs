//! The newest view, who waits for the next one, and what changed lately.

use {
    super::{Change, View},
    std::{
        collections::VecDeque,
        fmt,
        hash::{BuildHasher, Hasher, RandomState},
        str::FromStr,
        sync::{Arc, Mutex, PoisonError},
    },
    tokio::sync::watch,
};

/// Where a stream of changes stands: which server it is of, and up to which of its views it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    log: Mutex<Log>,
}

/// What changed with which view, as far back as it is kept.
struct Log {
    /// How many changes are kept at most.
    capacity: usize,
    entries: VecDeque<(u64, Arc<[Change]>)>,
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
            log: Mutex::new(Log {
                capacity,
                entries: VecDeque::new(),
                changes: 0,
                complete_after: 1,
            }),
        }
    }

    /// The newest view; `None` until the ledger was read for the first time.
    pub fn newest(&self) -> Option<Arc<View>> {
        self.newest.borrow().clone()
    }

    /// Reports every new view.
    pub fn subscribe(&self) -> watch::Receiver<Option<Arc<View>>> {
        self.newest.subscribe()
    }

    /// Replaces the newest view.
    pub fn publish(&self, view: View) {
        if let Some(before) = self.newest() {
            let changes = Change::between(&before.devices, &view.devices);
            if !changes.is_empty() {
                self.lock().push(view.version, changes);
            }
        }
        self.newest.send_replace(Some(Arc::new(view)));
    }

    /// Where a stream stands that has all up to a version.
    pub fn position(&self, version: u64) -> Position {
        Position {
            instance: self.instance,
            version,
        }
    }

    /// What changed strictly after a position and up to a version, oldest first, each with the version that it came with;
    /// `None` if the position is another server's, or too old.
    pub fn changes(&self, after: &Position, to: u64) -> Option<Vec<(u64, Arc<[Change]>)>> {
        let log = self.lock();
        if after.instance != self.instance
            || after.version < log.complete_after
            || after.version > to
        {
            return None;
        }
        let entries = log.entries.iter();
        let entries = entries.filter(|(version, _)| (after.version + 1..=to).contains(version));
        Some(entries.cloned().collect())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn push(&mut self, version: u64, changes: Vec<Change>) {
        self.changes += changes.len();
        self.entries.push_back((version, changes.into()));
        while self.changes > self.capacity {
            let Some((dropped, changes)) = self.entries.pop_front() else {
                break;
            };
            self.changes = self.changes.saturating_sub(changes.len());
            self.complete_after = dropped;
        }
    }
}
