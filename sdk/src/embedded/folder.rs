//! The folder: which files it has, how they are written, and how it is locked.

use {
    super::{
        error::EmbeddedError,
        file::{unfinished, write, Access, Lock},
    },
    std::{
        fs, io,
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

    pub fn default_key(&self) -> PathBuf {
        self.path.join(KEYS).join(DEFAULT_KEY)
    }

    /// Whether the folder is marked as a ledger.
    pub fn is_ledger(&self) -> Result<bool, EmbeddedError> {
        let path = self.path.join(MARKER);
        match fs::read(&path) {
            Ok(text) => Ok(text.starts_with(MARKER_LINE.as_bytes())),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(EmbeddedError::io("read", &path)(error)),
        }
    }

    /// Whether a ledger can be put here without touching anybody's files: the folder is absent, or
    /// empty, or holds what a creation that was interrupted at once, or a reset, left.
    pub fn is_vacant(&self) -> Result<bool, EmbeddedError> {
        let read = EmbeddedError::io("read", &self.path);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(read(error)),
        };
        let unfinished = unfinished(Path::new(MARKER));
        for entry in entries {
            let name = entry
                .map_err(EmbeddedError::io("read", &self.path))?
                .file_name();
            if name != LOCK && name != unfinished.as_os_str() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes the folder if it is absent.
    pub fn create(&self) -> Result<(), EmbeddedError> {
        fs::create_dir_all(&self.path).map_err(EmbeddedError::io("create", &self.path))
    }

    /// Marks the folder as a ledger.
    pub fn mark(&self) -> Result<(), EmbeddedError> {
        let path = self.path.join(MARKER);
        Ok(write(&path, &[MARKER_TEXT.as_bytes()], Access::Usual)?)
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
        for path in [self.state(), self.journal(), self.default_key(), marker] {
            remove(&unfinished(&path))?;
            remove(&path)?;
        }
        let keys = self.path.join(KEYS);
        match fs::remove_dir(&keys) {
            Err(error) if !is_absent(&error) && !is_occupied(&error) => {
                Err(EmbeddedError::io("remove", &keys)(error))
            }
            _ => Ok(()),
        }
    }
}

fn remove(path: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(EmbeddedError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Whether the path leads nowhere; also when the folder is a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn is_occupied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::DirectoryNotEmpty
}
