//! Why a key store cannot be used.

use {
    crate::{material::MaterialError, record::RecordError, secret::SecretKind},
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
#[non_exhaustive]
pub enum KeyStoreError {
    /// The operating system refused, or a file is not safe to use.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder contains something else, so nothing was put into it.
    #[error("{} holds other files and is no key store", .0.display())]
    NotAKeyStore(PathBuf),
    /// A file is not what the store wrote.
    #[error("{} is damaged: {problem}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file was written before records were signed.
    #[error("{} has format {found}, whose records are not signed and could be anybody's", path.display())]
    Unsigned {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Keys would be encrypted to other recipients than the secret derives.
    #[error("{} {}; no key was stored or read", path.display(), recipients_problem(foreign))]
    WrongRecipients {
        /// The file that names the recipients.
        path: PathBuf,
        /// Those that the secret does not derive; if none, some that it derives are missing.
        foreign: Vec<String>,
    },
    /// A key is in the store although its destruction was begun, or was put back.
    #[error("the store recorded at {at} that it destroyed its key for {path} of {code}, and the key is there")]
    DestroyedKeyPresent {
        /// The device's code.
        code: String,
        /// Where on the device the disk is.
        path: String,
        /// When the destruction was recorded.
        at: Timestamp,
        /// The file that records it.
        record: PathBuf,
    },
    /// A file was written by a newer version.
    #[error("{} has format {found}, and this version reads {supported}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this version reads.
        supported: u32,
    },
    /// Another process kept the store locked.
    #[error("the key store in {} is in use by another process; gave up after {:.1} s", path.display(), waited.as_secs_f64())]
    Locked {
        /// The store's folder.
        path: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// Another process made a store at the same time.
    #[error("another process made the key store in {} at the same time", .0.display())]
    CreatedConcurrently(PathBuf),
    /// Another process changed a key at the same time.
    #[error("another process changed {} at the same time", .0.display())]
    ChangedConcurrently(PathBuf),
    /// The same material would be stored twice, and destroying one would leave the other.
    #[error(
        "the store holds this very key material for {path} of {code}; each disk takes its own"
    )]
    DuplicateMaterial {
        /// The code of the device whose disk has the material.
        code: String,
        /// Where on that device the disk is.
        path: String,
    },
    /// The passphrase is not the store's.
    #[error("the passphrase is not that of the key store in {}", .0.display())]
    WrongPassphrase(PathBuf),
    /// The identities are not the store's.
    #[error("none of these identities opens the key store in {}", .0.display())]
    WrongIdentity(PathBuf),
    /// The store opens with a passphrase and not with an identity, or the reverse.
    #[error("the key store in {} opens with {opens_with}", path.display())]
    WrongSecretKind {
        /// The store's folder.
        path: PathBuf,
        /// What it opens with.
        opens_with: SecretKind,
    },
    /// The key material cannot be used.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The encryption failed.
    #[error("cannot encrypt the key: {0}")]
    Encryption(String),
}

impl KeyStoreError {
    /// For `map_err`: what was tried on which path.
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| FileError::at(action, path)(source).into()
    }

    /// For `map_err`: which file is no record.
    pub(crate) fn record(path: &Path) -> impl FnOnce(RecordError) -> Self + use<'_> {
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

    pub(crate) fn corrupt(path: &Path, problem: impl Into<String>) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

fn recipients_problem(foreign: &[String]) -> String {
    match foreign {
        [] => "does not name just the recipients that the secret derives".to_owned(),
        foreign => format!(
            "names {}, which the secret does not derive",
            foreign.join(", ")
        ),
    }
}
