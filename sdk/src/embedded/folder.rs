//! The ledger's folder: which files it has, and how it is recognised, locked and discarded.

use {
    super::EmbeddedError,
    ebb_folder::{unfinished, Access, Folder, Lock},
    std::{
        ffi::OsStr,
        path::{Path, PathBuf},
        time::Duration,
    },
};

pub(super) const STATE: &str = "state";
pub(super) const JOURNAL: &str = "journal";
pub(super) const CLOCK: &str = "clock";
pub(super) const DEFAULT_KEY: &str = "default.json";

/// Says to people and to this crate what the folder is.
const MARKER: &str = "EBB-LEDGER.txt";
const MARKER_TEXT: &str = "\
This folder is an Ebb ledger: the state of `ebb --url embedded:<this folder>`.
keys/default.json signs when no other key is named. It is for this ledger only.
Discard the ledger with `ebb ledger reset`.
";
/// The first line is what makes it a ledger; the others may change.
const MARKER_LINE: &str = "This folder is an Ebb ledger";
const LOCK: &str = "lock";
const KEYS: &str = "keys";

/// A ledger's folder. It need not exist.
#[derive(Clone, Debug)]
pub(super) struct LedgerFolder {
    /// What is in it itself.
    pub files: Folder,
    /// The folder in it that has the default key.
    pub keys: Folder,
}

impl LedgerFolder {
    pub fn new(path: &Path) -> Self {
        Self {
            files: Folder::new(path, Access::Umask),
            keys: Folder::new(path.join(KEYS), Access::Private),
        }
    }

    pub fn path(&self) -> &Path {
        self.files.path()
    }

    pub fn default_key(&self) -> PathBuf {
        self.keys.path_of(DEFAULT_KEY)
    }

    /// Whether the folder is marked as a ledger.
    pub fn is_ledger(&self) -> Result<bool, EmbeddedError> {
        let text = self.files.read(MARKER)?;
        Ok(text.is_some_and(|text| text.starts_with(MARKER_LINE.as_bytes())))
    }

    /// Whether there is a state file.
    pub fn has_state(&self) -> Result<bool, EmbeddedError> {
        Ok(self.files.open(STATE)?.is_some())
    }

    /// Whether a ledger can be put here without touching anybody's files: the folder is absent, or
    /// empty, or holds what a creation that was interrupted at once, or a reset, left.
    pub fn is_vacant(&self) -> Result<bool, EmbeddedError> {
        let marker = unfinished(MARKER);
        let leftovers = [OsStr::new(LOCK), OsStr::new(CLOCK), &marker];
        let names = self.files.names()?;
        Ok(names.iter().all(|name| leftovers.contains(&&**name)))
    }

    /// Makes the folder if it is absent.
    pub fn create(&self) -> Result<(), EmbeddedError> {
        Ok(self.files.create()?)
    }

    /// Marks the folder as a ledger.
    pub fn mark(&self) -> Result<(), EmbeddedError> {
        Ok(self.files.write(MARKER, &[MARKER_TEXT.as_bytes()])?)
    }

    /// Locks the folder against other writers, waiting for as long as `timeout`.
    pub fn lock(&self, timeout: Duration) -> Result<Lock, EmbeddedError> {
        let lock = self.files.lock(LOCK, timeout)?;
        lock.ok_or_else(|| EmbeddedError::Locked {
            path: self.path().to_owned(),
            waited: timeout,
        })
    }

    /// Removes what this crate puts into the folder, and the folder of keys if that leaves it
    /// empty. The lock stays: whoever waits for it would otherwise hold another one.
    pub fn clear(&self, _lock: &Lock) -> Result<(), EmbeddedError> {
        let files = [STATE, JOURNAL, CLOCK].map(|name| (&self.files, name));
        let key = (&self.keys, DEFAULT_KEY);
        // The marker goes last, so that a removal cut short can be taken up again.
        let marker = (&self.files, MARKER);
        for (folder, name) in files.into_iter().chain([key, marker]) {
            folder.remove(unfinished(name))?;
            folder.remove(name)?;
        }
        Ok(self.keys.remove_if_empty()?)
    }
}
