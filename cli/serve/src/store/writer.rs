//! The one who may write.

use {
    super::{
        append::{self, Appended, Intake},
        column, cursor,
        database::Session,
        limit::{within, ANSWER},
        lost,
        registration::{self, Range, RegistrationKey},
        rows, Identity, StoreError,
    },
    ebb_sdk::{history::Cursor, ledger::Finality},
    solana_sdk::{pubkey::Pubkey, signature::Signature},
    sqlx::{Any, AnyConnection, Connection, Row, Transaction},
    std::collections::HashMap,
};

/// A store's lock, and the connection that writes. Dropping it releases the lock. After an outage it is of no use any more, as
/// the connection may have ended and the lock with it: drop it and take another.
#[derive(Debug)]
pub struct Writer {
    session: Session,
    identity: Identity,
}

impl Writer {
    pub(super) fn new(session: Session, identity: Identity) -> Self {
        Self { session, identity }
    }

    /// What the store is of.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Appends what was read and notes how far that was, all or nothing. Appending the same again changes nothing.
    ///
    /// # Errors
    /// The store cannot be written. After an outage it may or may not have been written; append the
    /// same again with another writer.
    pub async fn append(&mut self, intake: Intake<'_>) -> Result<Appended, StoreError> {
        self.transact(async |connection: &mut AnyConnection| {
            let appended = append::append(connection, intake).await?;
            if intake.walked.is_none() {
                for record in intake.records {
                    registration::adopt_behind(connection, &record.event).await?;
                }
            }
            Ok(appended)
        })
        .await
    }

    /// Notes of transactions that are not final yet what became of them: final, or dropped by a fork. Returns how many
    /// events were retracted.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn resolve(&mut self, fates: &[(Signature, Fate)]) -> Result<usize, StoreError> {
        let fates: HashMap<Signature, Fate> = fates.iter().copied().collect();
        self.transact(async |connection: &mut AnyConnection| {
            let signatures: Vec<String> = fates.keys().map(Signature::to_string).collect();
            let sql = "SELECT id, signature FROM tx WHERE is_retracted = 0 AND is_final = 0 AND signature IN ";
            let (mut promoted, mut retracted) = (vec![], vec![]);
            for row in rows::matching(connection, sql, &signatures, "").await? {
                match fates.get(&column::parsed(&row, "signature")?) {
                    Some(Fate::Final) => promoted.push(row.try_get("id")?),
                    Some(Fate::Dropped) => retracted.push(row.try_get("id")?),
                    None => {}
                }
            }
            append::promote(connection, &promoted).await?;
            append::retract(connection, &retracted).await
        })
        .await
    }

    /// Gives the newest events of a device, where the first event of their registration is not known, the registration that
    /// the ledger has.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn adopt(
        &mut self,
        device: &Pubkey,
        registration: RegistrationKey,
    ) -> Result<(), StoreError> {
        let connection = &mut self.session.connection;
        let adopted = registration::adopt_newest(connection, device, registration);
        within(ANSWER, adopted).await
    }

    /// Replaces the ranges that are lost.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn set_lost_ranges(&mut self, ranges: &[Range]) -> Result<(), StoreError> {
        self.transact(async |connection: &mut AnyConnection| {
            lost::replace(connection, ranges).await
        })
        .await
    }

    /// How far the ledger was read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn cursor(&mut self, finality: Finality) -> Result<Option<Cursor>, StoreError> {
        let cursor = cursor::read(&mut self.session.connection, finality);
        within(ANSWER, cursor).await
    }

    /// Ends the connection and releases the lock. Dropping the writer does so too, at some moment after.
    pub async fn close(self) {
        // A connection that cannot be ended in order has ended.
        let _ = within(ANSWER, self.session.connection.close()).await;
    }

    /// Does what `work` does in one transaction, all or nothing.
    async fn transact<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transacted = async {
            let mut transaction = self.begin().await?;
            let done = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok::<_, StoreError>(done)
        };
        within(ANSWER, transacted).await
    }

    async fn begin(&mut self) -> Result<Transaction<'_, Any>, StoreError> {
        let connection = &mut self.session.connection;
        // SQLite takes the lock of a transaction that began as a reader's only while nobody else wrote since.
        Ok(match connection.backend_name() {
            "SQLite" => connection.begin_with("BEGIN IMMEDIATE").await?,
            _ => connection.begin().await?,
        })
    }
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The ledger can no longer drop it.
    Final,
    /// A fork dropped it.
    Dropped,
}
