//! The one who may write.

use {
    super::{
        append::{self, Appended, Intake},
        cursor,
        database::Session,
        lost,
        registration::{self, Range, RegistrationKey},
        Identity, StoreError,
    },
    ebb_sdk::{history::Cursor, ledger::Finality},
    solana_sdk::{pubkey::Pubkey, signature::Signature},
    sqlx::{Any, Connection, Row, Transaction},
    std::time::Duration,
    tokio::time::timeout,
};

/// How long an append may take: many times what a slow disk needs.
const ANSWER: Duration = Duration::from_secs(60);

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
        let appended = timeout(ANSWER, self.append_now(intake)).await;
        appended.unwrap_or_else(|_| Err(StoreError::Outage("it does not answer".to_owned())))
    }

    async fn append_now(&mut self, intake: Intake<'_>) -> Result<Appended, StoreError> {
        let mut transaction = self.begin().await?;
        let appended = append::append(&mut transaction, intake).await?;
        if intake.walked.is_none() {
            for record in intake.records {
                registration::adopt_behind(&mut transaction, &record.event).await?;
            }
        }
        transaction.commit().await?;
        Ok(appended)
    }

    /// Notes of transactions that are not final yet what became of them: final, or dropped by a fork. Returns how many
    /// events were retracted.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn resolve(&mut self, fates: &[(Signature, Fate)]) -> Result<usize, StoreError> {
        let mut transaction = self.begin().await?;
        let (mut promoted, mut retracted) = (vec![], vec![]);
        for (signature, fate) in fates {
            let sql =
                "SELECT id FROM tx WHERE signature = $1 AND is_retracted = 0 AND is_final = 0";
            let row = sqlx::query(sql)
                .bind(signature.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(row) = row else { continue };
            match fate {
                Fate::Final => promoted.push(row.try_get(0)?),
                Fate::Dropped => retracted.push(row.try_get(0)?),
            }
        }
        append::promote(&mut transaction, &promoted).await?;
        let events = append::retract(&mut transaction, &retracted).await?;
        transaction.commit().await?;
        Ok(events)
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
        registration::adopt_newest(&mut self.session.connection, device, registration).await
    }

    /// Replaces the ranges that are lost.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub async fn set_lost_ranges(&mut self, ranges: &[Range]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        lost::replace(&mut transaction, ranges).await?;
        Ok(transaction.commit().await?)
    }

    /// How far the ledger was read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn cursor(&mut self, finality: Finality) -> Result<Option<Cursor>, StoreError> {
        cursor::read(&mut self.session.connection, finality).await
    }

    /// Ends the connection and releases the lock. Dropping the writer does so too, at some moment after.
    pub async fn close(self) {
        // A connection that cannot be ended in order has ended.
        let _ = self.session.connection.close().await;
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
