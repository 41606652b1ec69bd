//! Appending what was read, all or nothing.

use {
    super::{
        codes::Codes,
        column, cursor, entry,
        insert::{
            insert_dead_letters, insert_events, insert_transactions, number, NewEvent,
            NewTransaction,
        },
        registration::{self, Boundaries},
        rows, DeadLetter, RegistrationKey, StoreError,
    },
    ebb_sdk::{
        history::{Cursor, Record},
        ledger::Finality,
        state::AccountType,
    },
    solana_sdk::signature::Signature,
    sqlx::{AnyConnection, Row},
    std::collections::{HashMap, HashSet},
};

/// What was read from a ledger.
#[derive(Clone, Copy, Debug)]
pub struct Intake<'a> {
    /// What happened, in the ledger's order.
    pub records: &'a [Record],
    /// Transactions that cannot be read.
    pub dead_letters: &'a [DeadLetter],
    /// How far the ledger is read with these; `None` if they fill a gap.
    pub walked: Option<Walked<'a>>,
}

/// How far a ledger is read.
#[derive(Clone, Copy, Debug)]
pub struct Walked<'a> {
    /// How sure what was read is.
    pub finality: Finality,
    /// Everything up to this was read.
    pub cursor: &'a Cursor,
    /// Whether it goes on from the cursor that the store has. If not, nothing is retracted for not having been read.
    pub is_continuous: bool,
}

/// What an append changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Events that are new.
    pub events: usize,
    /// Transactions that became final.
    pub promoted: usize,
    /// Events that were retracted.
    pub retracted: usize,
}

/// A transaction that the store has.
#[derive(Clone, Copy, Debug)]
struct StoredTransaction {
    id: i64,
    slot: u64,
    is_final: bool,
}

/// What an append will write.
#[derive(Default)]
struct Plan {
    transactions: Vec<NewTransaction>,
    events: Vec<NewEvent>,
    promoted: Vec<i64>,
    retracted: Vec<i64>,
}

/// Appends what is new, within a transaction of the caller's. What the store has already changes nothing.
pub(super) async fn append(
    connection: &mut AnyConnection,
    intake: Intake<'_>,
) -> Result<Appended, StoreError> {
    let mut plan = plan(connection, intake).await?;
    if let Some(walked) = intake.walked {
        dropped(connection, walked, intake, &mut plan).await?;
        cursor::write(connection, walked.finality, walked.cursor).await?;
    }
    let appended = Appended {
        events: plan.events.len(),
        promoted: plan.promoted.len(),
        retracted: retract(connection, &plan.retracted).await?,
    };
    promote(connection, &plan.promoted).await?;
    insert_transactions(connection, &plan.transactions).await?;
    number(connection, &mut plan.events).await?;
    insert_events(connection, &plan.events).await?;
    let read = plan
        .transactions
        .iter()
        .map(|transaction| transaction.signature.to_string());
    let sql = "DELETE FROM dead_letter WHERE signature IN ";
    rows::change(connection, sql, &read.collect::<Vec<_>>()).await?;
    insert_dead_letters(connection, intake.dead_letters).await?;
    Ok(appended)
}

/// Compares what was read with what is there.
async fn plan(connection: &mut AnyConnection, intake: Intake<'_>) -> Result<Plan, StoreError> {
    let records = intake.records;
    let known = known(connection, records).await?;
    let places = places(connection, known.values()).await?;
    let devices: HashSet<_> = records
        .iter()
        .filter(|record| record.event.kind.subject() == AccountType::Device)
        .map(|record| record.event.subject)
        .collect();
    let mut boundaries = Boundaries::of(connection, &devices).await?;
    let codes = Codes::of(connection, records).await?;
    let mut next = next_transaction(connection).await?;
    let mut plan = Plan::default();
    let mut ids: HashMap<Signature, Option<i64>> = HashMap::new();
    for record in records {
        boundaries.learn(&record.event, record.index);
        let id = match ids.get(&record.signature) {
            Some(id) => *id,
            None => {
                let known = known.get(&record.signature);
                let id = plan.transaction(record, known, &mut next)?;
                ids.insert(record.signature, id);
                id
            }
        };
        let Some(id) = id.filter(|id| !places.contains(&(*id, record.place))) else {
            continue;
        };
        let registration = boundaries.registration(&record.event, record.index);
        let event = NewEvent {
            code: codes.get(record),
            ..new_event(record, id, registration)?
        };
        plan.events.push(event);
    }
    Ok(plan)
}

impl Plan {
    /// The id of a record's transaction; `None` if the store has it in another slot and is surer of that.
    fn transaction(
        &mut self,
        record: &Record,
        known: Option<&StoredTransaction>,
        next: &mut i64,
    ) -> Result<Option<i64>, StoreError> {
        match known {
            Some(known) if known.slot == record.event.slot => {
                if record.is_final && !known.is_final {
                    self.promoted.push(known.id);
                }
                return Ok(Some(known.id));
            }
            Some(known) if known.is_final => return Ok(None),
            // A fork dropped it, and it landed again.
            Some(known) => self.retracted.push(known.id),
            None => {}
        }
        let id = *next;
        *next += 1;
        self.transactions.push(NewTransaction {
            id,
            signature: record.signature,
            slot: column::to_column("the slot", record.event.slot)?,
            index: record.index,
            is_final: record.is_final,
        });
        Ok(Some(id))
    }
}

fn new_event(
    record: &Record,
    transaction: i64,
    registration: Option<RegistrationKey>,
) -> Result<NewEvent, StoreError> {
    let event = &record.event;
    let (contributor, generation) = registration::columns(registration)?;
    Ok(NewEvent {
        position: 0,
        transaction,
        place: record.place,
        slot: column::to_column("the slot", event.slot)?,
        index: record.index.unwrap_or(0),
        time: event.time,
        kind: event.kind,
        address: event.subject.to_string(),
        code: record.code.clone(),
        contributor,
        generation,
        sequence: column::to_column("the sequence", event.sequence)?,
        data: entry::event_to_text(event),
        retracts: None,
    })
}

/// The transactions of records that the store has, retracted ones left out.
async fn known(
    connection: &mut AnyConnection,
    records: &[Record],
) -> Result<HashMap<Signature, StoredTransaction>, StoreError> {
    let signatures: HashSet<_> = records.iter().map(|record| record.signature).collect();
    let texts: Vec<String> = signatures.iter().map(Signature::to_string).collect();
    let sql =
        "SELECT id, signature, slot, is_final FROM tx WHERE is_retracted = 0 AND signature IN ";
    let rows = rows::matching(connection, sql, &texts, "").await?;
    let known = rows.iter().map(|row| {
        let known = StoredTransaction {
            id: row.try_get("id")?,
            slot: column::count(row, "slot")?,
            is_final: row.try_get::<i64, _>("is_final")? != 0,
        };
        Ok((column::parsed(row, "signature")?, known))
    });
    known.collect()
}

/// Which events of transactions are there.
async fn places(
    connection: &mut AnyConnection,
    known: impl Iterator<Item = &StoredTransaction>,
) -> Result<HashSet<(i64, u32)>, StoreError> {
    let ids: Vec<i64> = known.map(|known| known.id).collect();
    let sql = "SELECT tx, place FROM event WHERE retracts IS NULL AND tx IN ";
    let rows = rows::matching(connection, sql, &ids, "").await?;
    rows.iter()
        .map(|row| Ok((row.try_get("tx")?, column::index(row, "place")?)))
        .collect()
}

async fn next_transaction(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM tx";
    Ok(sqlx::query(sql).fetch_one(connection).await?.try_get(0)?)
}

/// Adds what is not final in slots that were read as final, and was not read: forks dropped it.
async fn dropped(
    connection: &mut AnyConnection,
    walked: Walked<'_>,
    intake: Intake<'_>,
    plan: &mut Plan,
) -> Result<(), StoreError> {
    if walked.finality != Finality::Final || !walked.is_continuous {
        return Ok(());
    }
    let before = cursor::read(connection, Finality::Final).await?;
    let from = before.map_or(0, |cursor| cursor.slot);
    let read = intake.records.iter().map(|record| record.signature);
    let unreadable = intake.dead_letters.iter().map(|letter| letter.signature);
    let read: HashSet<Signature> = read.chain(unreadable).collect();
    let sql = "SELECT id, signature FROM tx WHERE is_final = 0 AND is_retracted = 0 AND slot > $1 AND slot <= $2";
    let rows = sqlx::query(sql)
        .bind(column::to_column("the slot", from)?)
        .bind(column::to_column("the slot", walked.cursor.slot)?)
        .fetch_all(connection)
        .await?;
    for row in rows {
        if !read.contains(&column::parsed(&row, "signature")?) {
            plan.retracted.push(row.try_get("id")?);
        }
    }
    Ok(())
}

/// Retracts transactions: each of their events gets a row that says so. Returns how many events.
pub(super) async fn retract(
    connection: &mut AnyConnection,
    ids: &[i64],
) -> Result<usize, StoreError> {
    let columns = "position, tx, place, slot, tx_index, time, kind, address, code, contributor, generation, sequence, data";
    let sql = format!("SELECT {columns} FROM event WHERE retracts IS NULL AND tx IN ");
    let mut events = vec![];
    for row in rows::matching(connection, &sql, ids, "ORDER BY position").await? {
        let data: String = row.try_get("data")?;
        events.push(NewEvent {
            position: 0,
            transaction: row.try_get("tx")?,
            place: column::index(&row, "place")?,
            slot: row.try_get("slot")?,
            index: column::index(&row, "tx_index")?,
            time: row.try_get("time")?,
            kind: entry::event_from_text(&data)?.kind,
            address: row.try_get("address")?,
            code: row.try_get("code")?,
            contributor: row.try_get("contributor")?,
            generation: row.try_get("generation")?,
            sequence: row.try_get("sequence")?,
            data,
            retracts: Some(row.try_get("position")?),
        });
    }
    number(connection, &mut events).await?;
    insert_events(connection, &events).await?;
    rows::change(
        connection,
        "UPDATE tx SET is_retracted = 1 WHERE id IN ",
        ids,
    )
    .await?;
    Ok(events.len())
}

/// Notes that the ledger can no longer drop transactions.
pub(super) async fn promote(connection: &mut AnyConnection, ids: &[i64]) -> Result<(), StoreError> {
    rows::change(connection, "UPDATE tx SET is_final = 1 WHERE id IN ", ids).await
}
