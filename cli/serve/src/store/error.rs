//! Why a history store cannot be used.

use {
    ebb_folder::FileError,
    solana_sdk::{hash::Hash, pubkey::Pubkey},
    sqlx::{error::DatabaseError, migrate::MigrateError},
    std::{io, path::PathBuf},
};

/// Why a store did not do what it was asked. Nothing of what was asked is in it then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database is away, full or busy. That may pass: ask again.
    #[error("the history store is not available: {0}")]
    Outage(String),
    /// The store is of another ledger.
    #[error("the history store is of the ledger with genesis {found}, and this ledger has genesis {expected}; name another store")]
    OtherGenesis {
        /// What the store says.
        found: String,
        /// The ledger's.
        expected: Hash,
    },
    /// The store is of another program.
    #[error(
        "the history store is of the program {found}, and not of {expected}; name another store"
    )]
    OtherProgram {
        /// What the store says.
        found: String,
        /// The program's id.
        expected: Pubkey,
    },
    /// A newer version made the store's tables.
    #[error(
        "the history store has format {0}, which is newer than this version reads; use a newer ebb"
    )]
    NewerFormat(i64),
    /// The file or database contains something else.
    #[error("{0} is no history store; name another file, or one that does not exist")]
    NotAStore(String),
    /// The address of a database is none.
    #[error("{0} is no address of a PostgreSQL database; right is postgres://USER@HOST/DATABASE")]
    Address(String),
    /// The file's folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FileError),
    /// The file's path cannot be named to SQLite.
    #[error("{} is not UTF-8, so no history store can be there", .0.display())]
    Path(PathBuf),
    /// The file cannot be made.
    #[error("cannot make the history store {}: {}", .0.display(), .1)]
    Create(PathBuf, #[source] io::Error),
    /// A number is beyond what a column takes.
    #[error("{what} {value} is beyond what the history store takes, which is {max}", max = i64::MAX)]
    OutOfRange {
        /// What it counts.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// A row is not what this crate writes.
    #[error("the history store is damaged: {0}")]
    Damaged(String),
    /// Anything else that the database answered.
    #[error("the history store failed: {0}")]
    Database(String),
}

impl StoreError {
    /// Whether the same may succeed later.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Outage(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(database) if is_passing(database.as_ref()) => {
                Self::Outage(database.message().to_owned())
            }
            E::Database(database) if is_foreign(database.as_ref()) => {
                Self::NotAStore("the file".to_owned())
            }
            E::Database(database) => Self::Database(database.message().to_owned()),
            E::Io(io) => Self::Outage(io.to_string()),
            E::PoolTimedOut => Self::Outage("no connection to it within the time limit".to_owned()),
            E::PoolClosed | E::WorkerCrashed | E::Tls(_) => Self::Outage(error.to_string()),
            // What a server that goes down sends last.
            E::Protocol(_) => Self::Outage(error.to_string()),
            E::ColumnDecode { .. } | E::Decode(_) | E::ColumnNotFound(_) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::NewerFormat(version),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            error => Self::Damaged(error.to_string()),
        }
    }
}

/// Whether a database's error may be gone later: by SQLSTATE for PostgreSQL, by result code for SQLite.
fn is_passing(error: &(dyn DatabaseError + 'static)) -> bool {
    let Some(code) = error.code() else {
        return false;
    };
    match code.parse::<u32>() {
        Ok(code) if is_sqlite(error) => SQLITE_PASSING.contains(&(code & 0xff)),
        _ => POSTGRES_PASSING.iter().any(|class| code.starts_with(class)),
    }
}

/// Whether a file is not SQLite's.
fn is_foreign(error: &(dyn DatabaseError + 'static)) -> bool {
    is_sqlite(error) && error.code().as_deref() == Some("26")
}

fn is_sqlite(error: &(dyn DatabaseError + 'static)) -> bool {
    error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
}

/// Busy, locked, out of memory, read-only (as a full disk makes a file system), input/output error, full, cannot open.
const SQLITE_PASSING: [u32; 7] = [5, 6, 7, 8, 10, 13, 14];

/// Connection lost; read-only, as a server that takes over is at first; deadlock and serialisation; no disk, memory or connection left; shut down or starting; input/output error.
const POSTGRES_PASSING: [&str; 6] = ["08", "25006", "40", "53", "57P", "58"];
