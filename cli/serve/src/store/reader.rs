//! The one who reads.

use {
    super::{
        cursor, database::Database, limit::ANSWER, readers::Readers, Identity, Location,
        StoreError, Writer,
    },
    ebb_sdk::{history::Cursor, ledger::Finality},
    sqlx::AnyConnection,
    std::sync::Arc,
};

/// A store, open to read. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) readers: Readers,
    place: Arc<Database>,
    identity: Identity,
}

impl Store {
    /// Opens a store, and makes it where there is none.
    ///
    /// # Errors
    /// It cannot be reached, was made by a newer version, or is of another ledger or program.
    pub async fn open(location: &Location, identity: Identity) -> Result<Self, StoreError> {
        let place = Database::prepare(location, &identity).await?;
        Ok(Self {
            readers: place.readers(),
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

    /// What the store calls itself, which no other store does. Positions and places are of one store.
    pub fn id(&self) -> &str {
        &self.place.id
    }

    /// How far the ledger was read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn cursor(&self, finality: Finality) -> Result<Option<Cursor>, StoreError> {
        let ask = async |connection: &mut AnyConnection| cursor::read(connection, finality).await;
        self.readers.ask(ANSWER, ask).await
    }
}
