//! Why a file was not used.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a file or folder was not used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as in `write`.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody else could have put it there, or could change it. It was neither used nor changed.
    #[error("cannot use {}: {problem}", path.display())]
    Unsafe {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: Unsafe,
    },
}

/// What makes a file or folder unsafe to use, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// It points elsewhere.
    #[error("it is a symbolic link; put there what it points to, or name that")]
    SymbolicLink,
    /// It is a pipe, a socket, a device or a folder.
    #[error("it is not a regular file; remove it")]
    NotAFile,
    /// It is a file.
    #[error("it is not a folder; remove it, or name a folder")]
    NotAFolder,
    /// It has another name, somewhere.
    #[error("it is a hard link, one of {0}; replace it by a copy of its own")]
    HardLink(u64),
    /// It belongs to somebody else.
    #[error("it belongs to user {owner}, and this is user {user}; run as its owner, or chown it")]
    Owner {
        /// The owner's id.
        owner: u32,
        /// The id of the user that this process runs as.
        user: u32,
    },
    /// Others may write to it.
    #[error("others may write to it, its mode is {0:04o}; right is chmod go-w")]
    Writable(u32),
    /// Others may read a secret.
    #[error("others may read it, its mode is {0:04o}; right is chmod 600")]
    Readable(u32),
}

impl FileError {
    /// For `map_err`: what was tried on which path.
    pub fn at<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn absent(path: &Path) -> Self {
        Self::at("open", path)(io::ErrorKind::NotFound.into())
    }

    pub(crate) fn is_unsafe(path: &Path, problem: Unsafe) -> Self {
        Self::Unsafe {
            path: path.to_owned(),
            problem,
        }
    }
}
