//! The folder: which files it has, how they are written, and how it is locked.

use {
    super::{
        error::EmbeddedError,
        file::{self, unfinished, Access, Lock},
    },
    std::{
        fs,
        io::ErrorKind,
        path::{Path, PathBuf},
        time::Duration,
    },
};

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
const CLOCK: &str = "clock";
const STATE: &str = "state";
const JOURNAL: &str = "journal";
const KEYS: &str = "keys";
const DEFAULT_KEY: &str = "default.json";

/// A ledger's folder. It need not exist.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn state(&self) -> PathBuf {
        self.path.join(STATE)
    }

    pub fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    pub fn clock(&self) -> PathBuf {
        self.path.join(CLOCK)
    }

    pub fn keys(&self) -> PathBuf {
        self.path.join(KEYS)
    }

    pub fn default_key(&self) -> PathBuf {
        self.keys().join(DEFAULT_KEY)
    }

    /// Whether the folder is marked as a ledger.
    pub fn is_ledger(&self) -> Result<bool, EmbeddedError> {
        let path = self.path.join(MARKER);
        let text = file::read(&path, Access::Usual)?;
        Ok(text.is_some_and(|text| text.starts_with(MARKER_LINE.as_bytes())))
    }

    /// Whether there is a state file.
    pub fn has_state(&self) -> Result<bool, EmbeddedError> {
        Ok(file::open(&self.state(), Access::Usual)?.is_some())
    }

    /// Whether a ledger can be put here without touching anybody's files: the folder is absent, or
    /// empty, or holds what a creation that was interrupted at once, or a reset, left.
    pub fn is_vacant(&self) -> Result<bool, EmbeddedError> {
        if !file::has_folder(&self.path)? {
            return Ok(true);
        }
        let entries = fs::read_dir(&self.path).map_err(EmbeddedError::io("read", &self.path))?;
        let unfinished = unfinished(Path::new(MARKER));
        for entry in entries {
            let name = entry
                .map_err(EmbeddedError::io("read", &self.path))?
                .file_name();
            if name != LOCK && name != CLOCK && name != unfinished.as_os_str() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes the folder if it is absent.
    pub fn create(&self) -> Result<(), EmbeddedError> {
        Ok(file::create_folder(&self.path, Access::Usual)?)
    }

    /// Marks the folder as a ledger.
    pub fn mark(&self) -> Result<(), EmbeddedError> {
        let path = self.path.join(MARKER);
        Ok(file::write(
            &path,
            &[MARKER_TEXT.as_bytes()],
            Access::Usual,
        )?)
    }

    /// Locks the folder against other writers, waiting for as long as `timeout`.
    pub fn lock(&self, timeout: Duration) -> Result<Lock, EmbeddedError> {
        let lock = Lock::acquire(&self.path.join(LOCK), Access::Usual, timeout)?;
        lock.ok_or_else(|| EmbeddedError::Locked {
            path: self.path.clone(),
            waited: timeout,
        })
    }

    /// Removes what this crate puts into the folder, and the folder of keys if that leaves it
    /// empty. The lock stays: whoever waits for it would otherwise hold another one.
    pub fn clear(&self, _lock: &Lock) -> Result<(), EmbeddedError> {
        let marker = self.path.join(MARKER);
        // The marker goes last, so that a removal cut short can be taken up again.
        let [state, journal, clock] = [self.state(), self.journal(), self.clock()];
        for path in [state, journal, clock, self.default_key(), marker] {
            file::remove(&unfinished(&path))?;
            file::remove(&path)?;
        }
        let keys = self.keys();
        match fs::remove_dir(&keys) {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(EmbeddedError::io("remove", &keys)(error))
            }
            _ => Ok(()),
        }
    }
}
