//! The history that was read from a ledger, kept in a SQLite file or a PostgreSQL database.
//!
//! Any number of processes read a [`Store`]; one at a time holds its [`Writer`], whose lock ends with its process. Rows are
//! only ever appended: each has a position, 1, 2, 3 …, and whoever has read up to one misses nothing by asking for what
//! follows. What was read and how far is committed in one transaction.

mod append;
mod database;
mod entry;
mod error;
mod query;
mod registration;
mod rows;
mod transfer;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

pub use {
    append::{Appended, Intake, Walked},
    database::Location,
    entry::{Entry, Place},
    error::StoreError,
    query::{Selection, Subject},
    registration::{Range, RegistrationKey},
    transfer::{export, import, ImportError, Imported},
    writer::{Fate, Writer},
};

use {
    ebb_sdk::{history::Cursor, ledger::Finality},
    solana_sdk::{hash::Hash, pubkey::Pubkey, signature::Signature},
    sqlx::AnyPool,
    std::sync::Arc,
};

/// What a store is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The ledger's genesis.
    pub genesis: Hash,
    /// The program's id.
    pub program: Pubkey,
}

/// A transaction in which something of this program happened that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The transaction.
    pub signature: Signature,
    /// Its slot.
    pub slot: u64,
    /// Why it cannot be read.
    pub reason: String,
}

/// A store, open to read. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    place: Arc<database::Database>,
    identity: Identity,
}

impl Store {
    /// Opens a store, and makes it where there is none.
    ///
    /// # Errors
    /// It cannot be reached, was made by a newer version, or is of another ledger or program.
    pub async fn open(location: &Location, identity: Identity) -> Result<Self, StoreError> {
        let place = database::Database::prepare(location, &identity).await?;
        let pool = place.readers()?;
        Ok(Self {
            pool,
            place: Arc::new(place),
            identity,
        })
    }

    /// What the store is of.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Takes the store's lock and opens it to write; `None` while another process or [`Writer`] has the lock.
    ///
    /// # Errors
    /// It cannot be reached.
    pub async fn try_writer(&self) -> Result<Option<Writer>, StoreError> {
        let session = self.place.lock().await?;
        Ok(session.map(|session| Writer::new(session, self.identity)))
    }

    /// How far the ledger was read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn cursor(&self, finality: Finality) -> Result<Option<Cursor>, StoreError> {
        query::cursor(&mut *self.pool.acquire().await?, finality).await
    }
}
