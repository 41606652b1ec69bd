//! A folder where files have no owners and modes as on Unix: links are refused as far as paths allow it.

use {
    super::{Access, FileError, Purpose, Unsafe},
    std::{
        ffi::OsStr,
        fs::{self, File, OpenOptions},
        io::ErrorKind,
        path::{Path, PathBuf},
    },
};

impl Purpose {
    fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        match self {
            Self::Read => options.read(true),
            Self::Write => options.write(true),
            Self::Share => options.read(true).write(true).create(true).truncate(false),
            Self::Create => options.write(true).create_new(true),
        };
        options
    }
}

/// A folder.
pub struct FolderHandle {
    path: PathBuf,
}

impl FolderHandle {
    /// Opens a folder; `None` if it is absent.
    ///
    /// # Errors
    /// It is a link, or no folder.
    pub fn open(path: &Path) -> Result<Option<Self>, FileError> {
        let path: PathBuf = path.components().collect();
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => {
                Err(FileError::is_unsafe(&path, Unsafe::SymbolicLink))
            }
            Ok(found) if !found.is_dir() => Err(FileError::is_unsafe(&path, Unsafe::NotAFolder)),
            Ok(_) => Ok(Some(Self { path })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::at("open", &path)(error)),
        }
    }

    /// There are no modes to change here.
    pub fn close_if_empty(&self) -> Result<(), FileError> {
        Ok(())
    }

    /// Opens a file in the folder; `None` if it is absent.
    ///
    /// # Errors
    /// It is no regular file, or cannot be opened.
    pub fn file(
        &self,
        name: &OsStr,
        purpose: Purpose,
        _access: Access,
    ) -> Result<Option<File>, FileError> {
        let path = self.path.join(name);
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => {
                return Err(FileError::is_unsafe(&path, Unsafe::SymbolicLink))
            }
            Ok(found) if !found.is_file() => {
                return Err(FileError::is_unsafe(&path, Unsafe::NotAFile))
            }
            _ => {}
        }
        match purpose.options().open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileError::at("open", &path)(error)),
        }
    }

    /// Gives a file another name in the folder.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> Result<(), FileError> {
        let (from, to) = (self.path.join(from), self.path.join(to));
        fs::rename(from, &to).map_err(FileError::at("replace", &to))
    }

    /// Removes a file. Returns whether it was there.
    pub fn remove(&self, name: &OsStr) -> Result<bool, FileError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(FileError::at("remove", &path)(error)),
        }
    }

    /// A folder cannot be opened as a file here, and renames last by themselves.
    pub fn sync(&self) -> Result<(), FileError> {
        Ok(())
    }
}
