//! Why a key store cannot be used.

use {
    super::record::RecordError,
    ebb_folder::FileError,
    jiff::Timestamp,
    std::{
        io,
        path::{Path, PathBuf},
        time::Duration,
    },
};

/// Why a key store did not do what it was asked. The files it is about are left as they are.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The folder holds something else, so nothing was put into it.
    #[error("{} holds other files and is no key store", .0.display())]
    NotAStore(PathBuf),
    /// A file is not what `ebb` wrote.
    #[error("{} is damaged: {problem}", path.display())]
    Corrupt { path: PathBuf, problem: String },
    /// A file was written before records were signed.
    #[error("{} has format {found}, whose records are not signed and could be anybody's", path.display())]
    Unsigned { path: PathBuf, found: u32 },
    /// Keys would be encrypted to somebody else too, or to fewer than the secret derives.
    #[error("{} {problem}; no key was stored or read", path.display())]
    Recipients { path: PathBuf, problem: String },
    /// A key is here although its destruction was begun, or was put back.
    #[error("the store recorded at {at} that it destroyed its key for {path} of {code}, and the key is there")]
    NotGone {
        code: String,
        path: String,
        at: Timestamp,
        /// The file that records it.
        record: PathBuf,
    },
    /// A file was written by a newer version.
    #[error("{} has format {found}, and this version reads {supported}", path.display())]
    NewerFormat {
        path: PathBuf,
        found: u32,
        supported: u32,
    },
    /// Another process kept the store locked.
    #[error("the key store in {} is in use by another process; gave up after {:.1} s", path.display(), waited.as_secs_f64())]
    Locked { path: PathBuf, waited: Duration },
    /// Another process made a store at the same time.
    #[error("another process made the key store in {} at the same time", .0.display())]
    Raced(PathBuf),
    /// Another process changed a key at the same time.
    #[error("another process changed {} at the same time", .0.display())]
    Changed(PathBuf),
    /// The same material would be stored twice, and destroying one would leave the other.
    #[error(
        "the store holds this very key material for {path} of {code}; each disk takes its own"
    )]
    Twin { code: String, path: String },
    /// The passphrase is not the store's.
    #[error("the passphrase is not that of the key store in {}", .0.display())]
    WrongPassphrase(PathBuf),
    /// The identity is not the store's.
    #[error("no identity in that file opens the key store in {}", .0.display())]
    WrongIdentity(PathBuf),
    /// The store opens with a passphrase and not with an identity, or the other way round.
    #[error("the key store in {} opens with {opens_with}", path.display())]
    WrongSecret {
        path: PathBuf,
        opens_with: &'static str,
    },
    /// The file of identities cannot be used.
    #[error("cannot read an age identity from {}: {problem}", path.display())]
    Identity { path: PathBuf, problem: String },
    /// The material is too short or too long.
    #[error("{0}")]
    Material(String),
    /// The encryption failed.
    #[error("cannot encrypt the key: {0}")]
    Encryption(String),
}

impl StoreError {
    /// For `map_err`: what was tried on which path.
    pub(super) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| FileError::at(action, path)(source).into()
    }

    /// For `map_err`: which file is no record.
    pub(super) fn record(path: &Path) -> impl FnOnce(RecordError) -> Self + use<'_> {
        move |error| match error {
            RecordError::Unsigned { found } => Self::Unsigned {
                path: path.to_owned(),
                found,
            },
            RecordError::NewerFormat { found, supported } => Self::NewerFormat {
                path: path.to_owned(),
                found,
                supported,
            },
            RecordError::Json(_) | RecordError::Signature => Self::corrupt(path, error.to_string()),
        }
    }

    pub(super) fn corrupt(path: &Path, problem: impl Into<String>) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}
