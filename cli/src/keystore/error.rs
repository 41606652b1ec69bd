//! Why a key store cannot be used.

use {
    super::record::RecordError,
    crate::error::CliError,
    ebb_sdk::embedded::file::FileError,
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

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::NotAStore(_) => Self::usage(message).hint(
                "name a folder that is empty or does not exist: --store DIR or EBB_KEY_STORE",
            ),
            StoreError::Corrupt { .. } => Self::other(message)
                .hint("nothing was changed: put the file back from a backup, or move it away"),
            StoreError::Unsigned { .. } => Self::other(message)
                .hint("take each key out with age: jq -r .content.material keys/HASH.json | age --decrypt --identity FILE")
                .hint("then bring it into a new store: ebb disk-key register … --key-file FILE --store DIR"),
            StoreError::Recipients { .. } => Self::other(message)
                .hint("put store.json back from a backup; whoever changed it may read keys that were stored since"),
            StoreError::NotGone {
                code, path, record, ..
            } => Self::other(message)
                .hint(format!("finish its destruction: ebb disk-key destroy {code} {path}"))
                .hint(format!(
                    "if the key is in use and that record was put there, move it away: {}",
                    record.display()
                )),
            StoreError::NewerFormat { .. } => Self::other(message).hint("use a newer ebb"),
            StoreError::Raced(_) | StoreError::Changed(_) => Self::other(message).hint("try again"),
            StoreError::WrongPassphrase(_) | StoreError::WrongSecret { .. } => Self::usage(message),
            StoreError::WrongIdentity(_) => Self::usage(message)
                .hint("name the file that the store was made with: --identity FILE"),
            StoreError::Identity { .. } => Self::usage(message)
                .hint("right is a file as age-keygen writes it, as in --identity key.txt"),
            StoreError::Material(_) => {
                Self::usage(message).hint("right is, for example, --generate for 64 random bytes")
            }
            StoreError::Io(_)
            | StoreError::Locked { .. }
            | StoreError::Twin { .. }
            | StoreError::Encryption(_) => Self::other(message),
        }
    }
}
