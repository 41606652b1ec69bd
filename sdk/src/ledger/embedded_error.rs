//! Why a ledger's folder cannot be used.

use {
    ebb_folder::{FileError, Unsafe},
    solana_program::pubkey::Pubkey,
    std::{
        io,
        path::{Path, PathBuf},
        sync::Arc,
        time::Duration,
    },
};

/// Why an embedded ledger cannot be used. The files it is about are left as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The folder holds something else, so nothing was put into it.
    #[error(
        "{} holds other files and is no Ebb ledger; name an empty folder or one that does not exist",
        .0.display()
    )]
    NotALedger(PathBuf),
    /// There is no ledger, and none was to be made.
    #[error("there is no ledger in {}", .0.display())]
    Absent(PathBuf),
    /// The ledger was removed while it was in use.
    #[error("the ledger in {} was removed while it was in use", .0.display())]
    Removed(PathBuf),
    /// A file is not what this crate wrote.
    #[error(
        "{} is damaged: {problem}; move the ledger's folder away, or discard it with `ebb ledger reset`",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file was written by a newer version.
    #[error(
        "{} has format {found}, and this version reads formats up to {supported}; use a newer ebb, \
         or discard the ledger with `ebb ledger reset`",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that is understood.
        supported: u32,
    },
    /// Another process kept the ledger locked.
    #[error(
        "the ledger in {} is in use by another process; gave up after {:.1} s",
        path.display(),
        waited.as_secs_f64()
    )]
    Locked {
        /// The ledger's folder.
        path: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// The default key is missing or damaged.
    #[error(
        "cannot use the key in {}: {problem}; put it back, or discard the ledger with `ebb ledger reset`",
        path.display()
    )]
    Key {
        /// The key file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// The SVM does not load the program.
    #[error("the program {program_id} does not load: {problem}")]
    Program {
        /// Its address.
        program_id: Pubkey,
        /// Why not.
        problem: String,
    },
    /// Transactions that were to be written at once were not; each of them has this error.
    #[error(transparent)]
    Group(Arc<Self>),
}

impl EmbeddedError {
    /// Whether there is no ledger at the path, so that another was probably meant.
    #[must_use]
    pub fn is_of_no_ledger(&self) -> bool {
        match self {
            Self::Absent(_) | Self::NotALedger(_) => true,
            Self::Io(FileError::Io { source, .. }) => source.kind() == io::ErrorKind::NotADirectory,
            Self::Io(FileError::Unsafe { problem, .. }) => *problem == Unsafe::NotAFolder,
            _ => false,
        }
    }

    /// For `map_err`: what was tried on which path.
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| FileError::at(action, path)(source).into()
    }

    pub(crate) fn corrupt(path: &Path, problem: impl Into<String>) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}
