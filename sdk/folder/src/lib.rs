//! Files in a folder that belongs to this user alone, shared by processes that may be killed at any moment.
//!
//! Each operation opens the [`Folder`] and reaches the file through that handle, so that no link is followed whatever
//! happens to the path meanwhile. A write leaves the file before it or the one after, and a [`Lock`] ends with its
//! process. Nothing is read from or written to a link, a pipe, a device, or a file of another user's or that others may
//! write to, nor in such a folder: the error is [`FileError::Unsafe`]. The folders above are the user's choice, and links
//! among them are followed.
//!
//! ```
//! use {
//!     ebb_folder::{Access, Folder},
//!     std::time::Duration,
//! };
//!
//! let home = tempfile::tempdir()?;
//! let folder = Folder::new(home.path().join("counter"), Access::Private);
//! folder.create()?;
//! let Some(_lock) = folder.lock("lock", Duration::from_secs(1))? else {
//!     return Err("another process counts".into());
//! };
//! folder.write("count", &[b"1"])?;
//! assert_eq!(folder.read("count")?.as_deref(), Some(&b"1"[..]));
//! assert_eq!(folder.names()?, ["count", "lock"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod error;
mod lock;

#[cfg(unix)]
mod handle;
#[cfg(not(unix))]
#[path = "handle_portable.rs"]
mod handle;

pub use {
    error::{FileError, Unsafe},
    lock::Lock,
};

use {
    handle::FolderHandle,
    std::{
        ffi::{OsStr, OsString},
        fs::{self, DirBuilder, File},
        io::{self, ErrorKind, Read, Write},
        path::{Component, Path, PathBuf},
        time::Duration,
    },
};

/// The extension that a file's name has in addition until it is complete.
pub const UNFINISHED: &str = "new";

/// Who may read a folder's files. Nobody but their user may write to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever the user's umask lets.
    Umask,
    /// The user alone (mode 0600).
    Private,
}

impl Access {
    #[cfg(unix)]
    const fn file_mode(self) -> u32 {
        match self {
            Self::Umask => 0o644,
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
                Self::Umask => 0o755,
                Self::Private => 0o700,
            },
        );
        builder
    }
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
    /// To read and write it; it is made if it is absent.
    Share,
    /// To write it; it must be absent.
    Create,
}

/// The name of a file until it is complete.
pub fn unfinished(name: impl AsRef<OsStr>) -> OsString {
    let mut name = name.as_ref().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name
}

/// A folder of this user's, which need not exist. Its files are named without a path.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    access: Access,
}

impl Folder {
    /// The folder at a path, whose files are as `access` says.
    pub fn new(path: impl Into<PathBuf>, access: Access) -> Self {
        Self {
            path: path.into(),
            access,
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in the folder.
    pub fn path_of(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.path.join(name.as_ref())
    }

    /// Whether the folder exists and can be used.
    ///
    /// # Errors
    /// It is not safe to use, or cannot be read.
    pub fn exists(&self) -> Result<bool, FileError> {
        Ok(FolderHandle::open(&self.path)?.is_some())
    }

    /// Makes the folder if it is absent, and its place in the folder above last. A private one that is empty is closed
    /// to others.
    ///
    /// # Errors
    /// It is not safe to use, or cannot be made.
    pub fn create(&self) -> Result<(), FileError> {
        self.access
            .folder_builder()
            .create(&self.path)
            .map_err(FileError::at("make", &self.path))?;
        let handle = self.handle()?;
        if self.access == Access::Private {
            handle.close_if_empty()?;
        }
        sync_parent(&self.path)
    }

    /// Removes the folder if nothing is in it.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove_if_empty(&self) -> Result<(), FileError> {
        match fs::remove_dir(&self.path) {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(FileError::at("remove", &self.path)(error))
            }
            _ => Ok(()),
        }
    }

    /// The names of what is in the folder, in order; none if it is absent.
    ///
    /// # Errors
    /// The folder is not safe to use, or cannot be read.
    pub fn names(&self) -> Result<Vec<OsString>, FileError> {
        if !self.exists()? {
            return Ok(vec![]);
        }
        let entries = fs::read_dir(&self.path).and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.file_name()))
                .collect::<io::Result<Vec<_>>>()
        });
        let mut names = entries.map_err(FileError::at("read", &self.path))?;
        names.sort();
        Ok(names)
    }

    /// Opens a file to read it; `None` if it is absent.
    ///
    /// # Errors
    /// It is not safe to use, or cannot be opened.
    pub fn open(&self, name: impl AsRef<OsStr>) -> Result<Option<File>, FileError> {
        self.open_for(name.as_ref(), Purpose::Read)
    }

    /// Opens a file to write into it as it is; `None` if it is absent.
    ///
    /// # Errors
    /// It is not safe to use, or cannot be opened.
    pub fn open_to_write(&self, name: impl AsRef<OsStr>) -> Result<Option<File>, FileError> {
        self.open_for(name.as_ref(), Purpose::Write)
    }

    /// The content of a file; `None` if it is absent.
    ///
    /// # Errors
    /// It is not safe to use, or cannot be read.
    pub fn read(&self, name: impl AsRef<OsStr>) -> Result<Option<Vec<u8>>, FileError> {
        let name = name.as_ref();
        let Some(mut file) = self.open(name)? else {
            return Ok(None);
        };
        let mut content = vec![];
        file.read_to_end(&mut content)
            .map_err(FileError::at("read", &self.path_of(name)))?;
        Ok(Some(content))
    }

    /// Writes a file so that, killed at any moment, the process leaves the one before or the one after, which lasts.
    ///
    /// The content is written under another name, which [`unfinished`] returns, and replaces the file when it is on the
    /// disk. The name is always the same, so that what a killed process left is found and replaced, and checked first.
    ///
    /// # Errors
    /// It is not safe to use or cannot be written; then it is the one before.
    pub fn write(&self, name: impl AsRef<OsStr>, parts: &[&[u8]]) -> Result<(), FileError> {
        let name = name.as_ref();
        self.check_name(name)?;
        let new = unfinished(name);
        let handle = self.handle()?;
        handle.file(name, Purpose::Read, self.access)?;
        // What a killed process left is replaced, if it is such a file.
        if handle.file(&new, Purpose::Read, self.access)?.is_some() {
            handle.remove(&new)?;
        }
        let written = self
            .create_synced(&handle, &new, parts)
            .map_err(FileError::at("write", &self.path_of(&new)))
            .and_then(|()| handle.rename(&new, name));
        if written.is_err() {
            // The disk may be full; what was not finished is of no use to anybody.
            let _ = handle.remove(&new);
        }
        written?;
        handle.sync()
    }

    /// Gives a file another name, for good.
    ///
    /// # Errors
    /// The file is not safe to use, or cannot be renamed.
    pub fn rename(&self, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) -> Result<(), FileError> {
        let (from, to) = (from.as_ref(), to.as_ref());
        self.check_name(from)?;
        self.check_name(to)?;
        let handle = self.handle()?;
        handle.file(from, Purpose::Read, self.access)?;
        handle.rename(from, to)?;
        handle.sync()
    }

    /// Removes a file, or a link and not what it points to, for good. Returns whether it was there.
    ///
    /// # Errors
    /// The folder is not safe to use, or the file cannot be removed.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> Result<bool, FileError> {
        let name = name.as_ref();
        self.check_name(name)?;
        let Some(handle) = FolderHandle::open(&self.path)? else {
            return Ok(false);
        };
        let removed = handle.remove(name)?;
        if removed {
            handle.sync()?;
        }
        Ok(removed)
    }

    /// Locks by a file, which is made if it is absent, and waits for as long as `timeout`; `None` if another process
    /// keeps the lock.
    ///
    /// # Errors
    /// The file is not safe to use, or cannot be opened or locked.
    pub fn lock(
        &self,
        name: impl AsRef<OsStr>,
        timeout: Duration,
    ) -> Result<Option<Lock>, FileError> {
        let name = name.as_ref();
        self.check_name(name)?;
        let path = self.path_of(name);
        let file = self.handle()?.file(name, Purpose::Share, self.access)?;
        let file = file.ok_or_else(|| FileError::absent(&path))?;
        Lock::acquire(file, timeout).map_err(FileError::at("lock", &path))
    }

    fn open_for(&self, name: &OsStr, purpose: Purpose) -> Result<Option<File>, FileError> {
        self.check_name(name)?;
        match FolderHandle::open(&self.path)? {
            Some(handle) => handle.file(name, purpose, self.access),
            None => Ok(None),
        }
    }

    fn create_synced(
        &self,
        handle: &FolderHandle,
        name: &OsStr,
        parts: &[&[u8]],
    ) -> io::Result<()> {
        let file = handle.file(name, Purpose::Create, self.access);
        let mut file = file.map_err(io::Error::other)?.ok_or(ErrorKind::NotFound)?;
        for part in parts {
            file.write_all(part)?;
        }
        file.sync_all()
    }

    /// The folder, which must be there.
    fn handle(&self) -> Result<FolderHandle, FileError> {
        FolderHandle::open(&self.path)?.ok_or_else(|| FileError::absent(&self.path))
    }

    /// Fails if a name leads out of the folder.
    fn check_name(&self, name: &OsStr) -> Result<(), FileError> {
        let mut components = Path::new(name).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(only)), None) if only == name => Ok(()),
            _ => {
                let error = io::Error::from(ErrorKind::InvalidFilename);
                Err(FileError::at("open", &self.path_of(name))(error))
            }
        }
    }
}

/// Makes what was made in the folder above a path last. That folder may be anybody's.
fn sync_parent(path: &Path) -> Result<(), FileError> {
    // Elsewhere a folder cannot be opened as a file, and renames last by themselves.
    #[cfg(unix)]
    {
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        File::open(parent)
            .and_then(|parent| parent.sync_all())
            .map_err(FileError::at("sync", parent))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests;
