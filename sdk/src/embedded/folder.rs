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

/// What a ledger's folder contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A ledger, perhaps one whose creation or reset was interrupted.
    Ledger,
    /// Nothing that would be lost if a ledger were put there.
    Nothing,
    /// Somebody's files.
    Other,
}

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

    /// What the folder contains, also while other processes create or reset a ledger in it.
    pub fn content(&self) -> Result<Content, EmbeddedError> {
        // A creation marks the folder before it puts anything else there, and a reset removes the marker last. So a
        // folder without a marker is a ledger or vacant at the second reading if it became one during the first.
        for _ in 0..2 {
            if self.is_ledger()? {
                return Ok(Content::Ledger);
            }
            if self.is_vacant()? {
                return Ok(Content::Nothing);
            }
        }
        Ok(Content::Other)
    }

    /// Whether there is a state file.
    pub fn has_state(&self) -> Result<bool, EmbeddedError> {
        Ok(self.files.open(STATE)?.is_some())
    }

    /// Whether a ledger can be put here without touching anybody's files: the folder is absent, or
    /// empty, or holds what a creation that was interrupted at once, or a reset, left.
    fn is_vacant(&self) -> Result<bool, EmbeddedError> {
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
        for (folder, name) in files.into_iter().chain([key]) {
            remove(folder, name)?;
        }
        self.keys.remove_if_empty()?;
        // The marker goes last, so that a removal cut short can be taken up again.
        remove(&self.files, MARKER)
    }
}

/// Removes a file and what a write of it that was interrupted left.
fn remove(folder: &Folder, name: &str) -> Result<(), EmbeddedError> {
    folder.remove(unfinished(name))?;
    folder.remove(name)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, std::thread, tempfile::tempdir};

    #[test]
    fn a_ledger_that_comes_and_goes_is_never_taken_for_something_else() {
        const ROUNDS: usize = 60;
        let mut ledgers = 0;
        for _ in 0..ROUNDS {
            let home = tempdir().unwrap();
            let folder = LedgerFolder::new(home.path());
            let other = folder.clone();
            let writer = thread::spawn(move || {
                let lock = other.lock(Duration::from_secs(60)).unwrap();
                other.mark().unwrap();
                other.keys.create().unwrap();
                other.keys.write(DEFAULT_KEY, &[b"[]"]).unwrap();
                other.files.write(STATE, &[b"state"]).unwrap();
                other.clear(&lock).unwrap();
            });
            while !writer.is_finished() {
                let content = folder.content().unwrap();
                assert_ne!(content, Content::Other);
                ledgers += usize::from(content == Content::Ledger);
            }
            writer.join().unwrap();
            assert_eq!(folder.content().unwrap(), Content::Nothing);
        }
        assert!(ledgers > 0);
    }

    #[test]
    fn somebodys_files_are_no_ledger() {
        let home = tempdir().unwrap();
        let folder = LedgerFolder::new(home.path());
        assert_eq!(folder.content().unwrap(), Content::Nothing);
        folder.files.write("notes", &[b"mine"]).unwrap();
        assert_eq!(folder.content().unwrap(), Content::Other);
        folder.mark().unwrap();
        assert_eq!(folder.content().unwrap(), Content::Ledger);
    }
}
