//! Files of this user's alone, that processes share and that may be killed at any moment.
//!
//! A file is the one before or the one after, and a lock goes with its process. Nothing is read from or written to a
//! link, a pipe, a device, or a file of another user's or that others may write to, nor in such a folder. The folders
//! above a file's own are the user's choice, and links among them are followed.

mod error;

#[cfg(unix)]
mod dir;
#[cfg(not(unix))]
#[path = "file/dir_portable.rs"]
mod dir;

pub use error::{FileError, Unsafe};

use {
    dir::{Dir, Purpose},
    std::{
        ffi::{OsStr, OsString},
        fs::{DirBuilder, File, TryLockError},
        io::{self, Read, Write},
        path::{Path, PathBuf},
        thread,
        time::{Duration, Instant},
    },
};

/// What a file is called until it is complete.
pub const UNFINISHED: &str = "new";

/// The longest pause between two tries for a lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Who may read a file. Nobody but its user may write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As the user's umask has it.
    Usual,
    /// The user alone (mode 0600).
    Private,
}

impl Access {
    #[cfg(unix)]
    const fn mode(self) -> u32 {
        match self {
            Self::Usual => 0o644,
            Self::Private => 0o600,
        }
    }

    /// What makes a folder, and those above it, if they are absent.
    fn folder_builder(self) -> DirBuilder {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(
            &mut builder,
            match self {
                Self::Usual => 0o755,
                Self::Private => 0o700,
            },
        );
        builder
    }
}

/// What a file is called until it is complete.
pub fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
}

/// Whether there is a folder that can be used.
///
/// # Errors
/// It is not safe to use, or cannot be read.
pub fn has_folder(path: &Path) -> Result<bool, FileError> {
    Ok(Dir::open(path)?.is_some())
}

/// Makes a folder if it is absent, and its place in the folder above last. A private one that is empty is closed to
/// others.
///
/// # Errors
/// It is not safe to use, or cannot be made.
pub fn create_folder(path: &Path, access: Access) -> Result<(), FileError> {
    access
        .folder_builder()
        .create(path)
        .map_err(FileError::at("make", path))?;
    let dir = Dir::open(path)?.ok_or_else(|| absent(path))?;
    if access == Access::Private {
        dir.close_if_empty()?;
    }
    sync_folder_of(path)
}

/// Opens a file to read it; `None` if it is absent.
///
/// # Errors
/// It is not safe to use, or cannot be opened.
pub fn open(path: &Path, access: Access) -> Result<Option<File>, FileError> {
    open_for(path, Purpose::Read, access)
}

/// Opens a file to write into it as it is; `None` if it is absent.
///
/// # Errors
/// It is not safe to use, or cannot be opened.
pub fn open_to_write(path: &Path, access: Access) -> Result<Option<File>, FileError> {
    open_for(path, Purpose::Write, access)
}

/// A file's content; `None` if it is absent.
///
/// # Errors
/// It is not safe to use, or cannot be read.
pub fn read(path: &Path, access: Access) -> Result<Option<Vec<u8>>, FileError> {
    let Some(mut file) = open(path, access)? else {
        return Ok(None);
    };
    let mut content = vec![];
    file.read_to_end(&mut content)
        .map_err(FileError::at("read", path))?;
    Ok(Some(content))
}

/// Writes a file so that, killed at any moment, it is the one before or the one after, and lasts.
///
/// # Errors
/// It is not safe to use or cannot be written; then it is the one before.
pub fn write(path: &Path, parts: &[&[u8]], access: Access) -> Result<(), FileError> {
    let (dir, name) = folder_of(path)?;
    let unfinished = unfinished(path);
    let new = name_of(&unfinished)?;
    dir.file(&name, Purpose::Read, access)?;
    // What a killed process left is replaced, if it is such a file.
    if dir.file(&new, Purpose::Read, access)?.is_some() {
        dir.remove(&new)?;
    }
    let written = create_synced(&dir, &new, parts, access)
        .map_err(FileError::at("write", &unfinished))
        .and_then(|()| dir.rename(&new, &name));
    if written.is_err() {
        // The disk may be full; what was not finished is of no use to anybody.
        let _ = dir.remove(&new);
    }
    written?;
    dir.sync()
}

/// Gives a file another name in its folder, for good.
///
/// # Errors
/// The file is not safe to use, or cannot be renamed.
pub fn rename(from: &Path, to: &Path, access: Access) -> Result<(), FileError> {
    let (dir, name) = folder_of(from)?;
    dir.file(&name, Purpose::Read, access)?;
    dir.rename(&name, &name_of(to)?)?;
    dir.sync()
}

/// Removes a file, or a link and not what it points to, for good. Returns whether it was there.
///
/// # Errors
/// The folder is not safe to use, or the file cannot be removed.
pub fn remove(path: &Path) -> Result<bool, FileError> {
    let Some(dir) = Dir::open(parent(path))? else {
        return Ok(false);
    };
    let removed = dir.remove(&name_of(path)?)?;
    if removed {
        dir.sync()?;
    }
    Ok(removed)
}

/// Makes what was renamed, made or removed in a file's folder last. The folder may be anybody's.
fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    // Elsewhere a folder cannot be opened as a file, and renames last by themselves.
    #[cfg(unix)]
    {
        let folder = parent(path);
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(FileError::at("sync", folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn open_for(path: &Path, purpose: Purpose, access: Access) -> Result<Option<File>, FileError> {
    match Dir::open(parent(path))? {
        Some(dir) => dir.file(&name_of(path)?, purpose, access),
        None => Ok(None),
    }
}

fn create_synced(dir: &Dir, name: &OsStr, parts: &[&[u8]], access: Access) -> io::Result<()> {
    let file = dir.file(name, Purpose::Create, access);
    let mut file = file
        .map_err(io::Error::other)?
        .ok_or(io::ErrorKind::NotFound)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// The folder that a file is in, which must be there, and the file's name.
fn folder_of(path: &Path) -> Result<(Dir, OsString), FileError> {
    let folder = parent(path);
    let dir = Dir::open(folder)?.ok_or_else(|| absent(folder))?;
    Ok((dir, name_of(path)?))
}

fn absent(path: &Path) -> FileError {
    FileError::at("open", path)(io::ErrorKind::NotFound.into())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn name_of(path: &Path) -> Result<OsString, FileError> {
    let name = path.file_name().map(OsStr::to_owned);
    name.ok_or_else(|| FileError::at("open", path)(io::ErrorKind::InvalidFilename.into()))
}

/// A lock; it is let go when this is dropped, also by the death of the process.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Locks by a file, waiting for as long as `timeout`; `None` if another process keeps it.
    ///
    /// # Errors
    /// The file is not safe to use, or cannot be opened or locked.
    pub fn acquire(
        path: &Path,
        access: Access,
        timeout: Duration,
    ) -> Result<Option<Self>, FileError> {
        let (dir, name) = folder_of(path)?;
        let file = dir
            .file(&name, Purpose::Share, access)?
            .ok_or_else(|| absent(path))?;
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { file })),
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

    /// The locked file.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }
}
