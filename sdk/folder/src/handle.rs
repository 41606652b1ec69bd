//! A folder that is held open: its files are reached through it, whatever happens to the path, and no link is followed.

use {
    super::{Access, FileError, Purpose, Unsafe},
    nix::{
        fcntl::{open, openat, renameat, OFlag},
        sys::stat::Mode,
        unistd::{geteuid, unlinkat, UnlinkatFlags},
    },
    std::{
        ffi::OsStr,
        fs::{self, File, Metadata, Permissions},
        io::{self, ErrorKind},
        os::unix::fs::{MetadataExt, PermissionsExt},
        path::{Path, PathBuf},
    },
};

const WRITABLE_BY_OTHERS: u32 = 0o022;
const OPEN_TO_OTHERS: u32 = 0o077;

impl Purpose {
    const fn flags(self) -> OFlag {
        match self {
            Self::Read => OFlag::O_RDONLY,
            Self::Write => OFlag::O_WRONLY,
            Self::Share => OFlag::O_RDWR.union(OFlag::O_CREAT),
            Self::Create => OFlag::O_WRONLY.union(OFlag::O_CREAT).union(OFlag::O_EXCL),
        }
    }
}

/// A folder of this user's.
pub struct FolderHandle {
    folder: File,
    path: PathBuf,
}

impl FolderHandle {
    /// Opens a folder; `None` if it is absent.
    ///
    /// # Errors
    /// It is a link, another user's, one that others may write to, or cannot be opened.
    pub fn open(path: &Path) -> Result<Option<Self>, FileError> {
        // Behind a slash a link would be followed.
        let path: PathBuf = path.components().collect();
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let folder = match open(&path, flags, Mode::empty()) {
            Ok(folder) => File::from(folder),
            Err(error) => return absent_or(classify(error.into(), &path, Kind::Folder)),
        };
        let metadata = folder.metadata().map_err(FileError::at("read", &path))?;
        check_owner(&metadata)
            .and_then(|()| check_not_writable(&metadata))
            .map_err(|problem| FileError::is_unsafe(&path, problem))?;
        Ok(Some(Self { folder, path }))
    }

    /// Closes the folder to others if nothing is in it yet.
    pub fn close_if_empty(&self) -> Result<(), FileError> {
        let mut entries = fs::read_dir(&self.path).map_err(FileError::at("read", &self.path))?;
        if entries.next().is_some() {
            return Ok(());
        }
        self.folder
            .set_permissions(Permissions::from_mode(0o700))
            .map_err(FileError::at("protect", &self.path))
    }

    /// Opens a file in the folder; `None` if it is absent.
    ///
    /// # Errors
    /// It is no regular file with one name, another user's, open to others, or cannot be opened.
    pub fn file(
        &self,
        name: &OsStr,
        purpose: Purpose,
        access: Access,
    ) -> Result<Option<File>, FileError> {
        let path = self.path.join(name);
        // A pipe without a writer must not block.
        let flags = purpose.flags()
            | OFlag::O_NOFOLLOW
            | OFlag::O_NONBLOCK
            | OFlag::O_NOCTTY
            | OFlag::O_CLOEXEC;
        let mode = Mode::from_bits_truncate(access.file_mode());
        let file = match openat(&self.folder, name, flags, mode) {
            Ok(file) => File::from(file),
            Err(error) => return absent_or(classify(error.into(), &path, Kind::File)),
        };
        if purpose == Purpose::Create && access == Access::Private {
            file.set_permissions(Permissions::from_mode(access.file_mode()))
                .map_err(FileError::at("protect", &path))?;
        }
        let metadata = file.metadata().map_err(FileError::at("read", &path))?;
        check_file(&metadata, access).map_err(|problem| FileError::is_unsafe(&path, problem))?;
        Ok(Some(file))
    }

    /// Gives a file another name in the folder.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> Result<(), FileError> {
        renameat(&self.folder, from, &self.folder, to)
            .map_err(|error| FileError::at("replace", &self.path.join(to))(error.into()))
    }

    /// Removes a file, and never what a link points to. Returns whether it was there.
    pub fn remove(&self, name: &OsStr) -> Result<bool, FileError> {
        match unlinkat(&self.folder, name, UnlinkatFlags::NoRemoveDir).map_err(io::Error::from) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(FileError::at("remove", &self.path.join(name))(error)),
        }
    }

    /// Makes what was renamed, made or removed in the folder last.
    pub fn sync(&self) -> Result<(), FileError> {
        self.folder
            .sync_all()
            .map_err(FileError::at("sync", &self.path))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

/// What is wrong with what could not be opened. Only the error depends on this second check.
fn classify(error: io::Error, path: &Path, expected: Kind) -> FileError {
    let found = path.symlink_metadata().map(|it| it.file_type());
    match (found, expected) {
        (Ok(found), _) if found.is_symlink() => FileError::is_unsafe(path, Unsafe::SymbolicLink),
        (Ok(found), Kind::Folder) if !found.is_dir() => {
            FileError::is_unsafe(path, Unsafe::NotAFolder)
        }
        (Ok(found), Kind::File) if !found.is_file() => FileError::is_unsafe(path, Unsafe::NotAFile),
        _ => FileError::at("open", path)(error),
    }
}

fn absent_or<T>(error: FileError) -> Result<Option<T>, FileError> {
    match error {
        FileError::Io { source, .. } if source.kind() == ErrorKind::NotFound => Ok(None),
        error => Err(error),
    }
}

fn check_file(metadata: &Metadata, access: Access) -> Result<(), Unsafe> {
    if !metadata.is_file() {
        return Err(Unsafe::NotAFile);
    }
    check_owner(metadata)?;
    // None is left if it was replaced at this moment.
    if metadata.nlink() > 1 {
        return Err(Unsafe::HardLink(metadata.nlink()));
    }
    check_not_writable(metadata)?;
    let mode = metadata.mode() & 0o7777;
    if access == Access::Private && mode & OPEN_TO_OTHERS != 0 {
        return Err(Unsafe::Readable(mode));
    }
    Ok(())
}

fn check_owner(metadata: &Metadata) -> Result<(), Unsafe> {
    let (owner, user) = (metadata.uid(), geteuid().as_raw());
    if owner == user {
        return Ok(());
    }
    Err(Unsafe::Owner { owner, user })
}

fn check_not_writable(metadata: &Metadata) -> Result<(), Unsafe> {
    let mode = metadata.mode() & 0o7777;
    match mode & WRITABLE_BY_OTHERS {
        0 => Ok(()),
        _ => Err(Unsafe::Writable(mode)),
    }
}
