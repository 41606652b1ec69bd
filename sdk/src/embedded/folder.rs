//! The folder: which files it has, how they are written, and how it is locked.

use {
    super::error::EmbeddedError,
    std::{
        fs::{self, File, OpenOptions, TryLockError},
        io::{self, Write},
        path::{Path, PathBuf},
        thread,
        time::{Duration, Instant},
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
/// What a file is called until it is complete.
const UNFINISHED: &str = "new";

/// The longest pause between two tries for the lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// As the user's umask has it.
    Usual,
    /// The user alone (mode 0600).
    Private,
}

/// A ledger's folder. It need not exist.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

/// The folder's lock; it is let go when this is dropped, also by the death of the process.
pub(super) struct Lock {
    _file: File,
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
        write_atomically(&path, &[MARKER_TEXT.as_bytes()], Access::Usual)
    }

    /// Locks the folder against other writers, waiting for as long as `timeout`.
    pub fn lock(&self, timeout: Duration) -> Result<Lock, EmbeddedError> {
        let path = self.path.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(EmbeddedError::io("open", &path))?;
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::Error(error)) => {
                    return Err(EmbeddedError::io("lock", &path)(error));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = started.elapsed();
            let Some(left) = timeout.checked_sub(waited) else {
                let path = self.path.clone();
                return Err(EmbeddedError::Locked { path, waited });
            };
            thread::sleep(pause.min(left));
            pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
        }
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

/// Writes a file so that, killed at any moment, it is the one before or the one after.
pub(super) fn write_atomically(
    path: &Path,
    parts: &[&[u8]],
    access: Access,
) -> Result<(), EmbeddedError> {
    let unfinished = unfinished(path);
    let written = write_synced(&unfinished, parts, access)
        .map_err(EmbeddedError::io("write", &unfinished))
        .and_then(|()| fs::rename(&unfinished, path).map_err(EmbeddedError::io("replace", path)));
    if written.is_err() {
        // The disk may be full; what was not finished is of no use to anybody.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync_folder_of(path)
}

fn write_synced(path: &Path, parts: &[&[u8]], access: Access) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = access;
    let mut file = options.open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Makes a rename in the file's folder last.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), EmbeddedError> {
    // Elsewhere a folder cannot be opened as a file, and renames last by themselves.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(EmbeddedError::io("sync", folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
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
