//! Files that processes share and that may be killed at any moment: each is the one before or the
//! one after, and a lock goes with its process.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// What a file is called until it is complete.
pub const UNFINISHED: &str = "new";

/// The longest pause between two tries for a lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What the operating system refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct FileError {
    /// What was tried, as in `write`.
    pub action: &'static str,
    /// On which file or folder.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl FileError {
    /// For `map_err`: what was tried on which path.
    pub fn at<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As the user's umask has it.
    Usual,
    /// The user alone (mode 0600).
    Private,
}

impl Access {
    /// Options that make a file if it is absent, and write to it.
    fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        #[cfg(unix)]
        if self == Self::Private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        options
    }
}

/// What a file is called until it is complete.
pub fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
}

/// Writes a file so that, killed at any moment, it is the one before or the one after, and lasts.
///
/// # Errors
/// It cannot be written; then it is the one before.
pub fn write(path: &Path, parts: &[&[u8]], access: Access) -> Result<(), FileError> {
    let unfinished = unfinished(path);
    let written = write_synced(&unfinished, parts, access)
        .map_err(FileError::at("write", &unfinished))
        .and_then(|()| fs::rename(&unfinished, path).map_err(FileError::at("replace", path)));
    if written.is_err() {
        // The disk may be full; what was not finished is of no use to anybody.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    sync_folder_of(path)
}

fn write_synced(path: &Path, parts: &[&[u8]], access: Access) -> io::Result<()> {
    let mut file = access.options().truncate(true).open(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// Makes what was renamed, made or removed in a file's folder last.
///
/// # Errors
/// The folder cannot be synced.
pub fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    // Elsewhere a folder cannot be opened as a file, and renames last by themselves.
    #[cfg(unix)]
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(FileError::at("sync", folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A lock; it is let go when this is dropped, also by the death of the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Locks by a file, waiting for as long as `timeout`; `None` if another process keeps it.
    ///
    /// # Errors
    /// The file cannot be opened or locked.
    pub fn acquire(
        path: &Path,
        access: Access,
        timeout: Duration,
    ) -> Result<Option<Self>, FileError> {
        let file = access
            .options()
            .truncate(false)
            .open(path)
            .map_err(FileError::at("open", path))?;
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::Error(error)) => {
                    return Err(FileError::at("lock", path)(error));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            let Some(left) = timeout.checked_sub(started.elapsed()) else {
                return Ok(None);
            };
            thread::sleep(pause.min(left));
            pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
        }
    }
}
