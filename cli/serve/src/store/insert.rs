//! Rows to insert.

use {
    super::{column, rows, DeadLetter, StoreError},
    ebb_sdk::event::EventKind,
    solana_sdk::signature::Signature,
    sqlx::{AnyConnection, Row},
};

/// A transaction to insert.
pub struct NewTransaction {
    pub id: i64,
    pub signature: Signature,
    pub slot: i64,
    pub index: Option<u32>,
    pub is_final: bool,
}

/// A row to insert.
pub struct NewEvent {
    pub position: i64,
    pub transaction: i64,
    pub place: u32,
    pub slot: i64,
    pub index: u32,
    pub time: i64,
    pub kind: EventKind,
    pub address: String,
    pub code: Option<String>,
    pub contributor: String,
    pub generation: i64,
    pub sequence: i64,
    pub data: String,
    pub retracts: Option<i64>,
}

/// Gives rows the positions that follow the last.
pub async fn number(
    connection: &mut AnyConnection,
    events: &mut [NewEvent],
) -> Result<(), StoreError> {
    let sql = "SELECT COALESCE(MAX(position), 0) FROM event";
    let last: i64 = sqlx::query(sql).fetch_one(connection).await?.try_get(0)?;
    for (event, position) in events.iter_mut().zip(last + 1..) {
        event.position = position;
    }
    Ok(())
}

/// Inserts transactions.
pub async fn insert_transactions(
    connection: &mut AnyConnection,
    transactions: &[NewTransaction],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO tx (id, signature, slot, tx_index, is_final, is_retracted)";
    rows::run(
        connection,
        sql,
        6,
        "",
        transactions,
        |query, transaction| {
            Ok(query
                .bind(transaction.id)
                .bind(transaction.signature.to_string())
                .bind(transaction.slot)
                .bind(transaction.index.map(i64::from))
                .bind(i64::from(transaction.is_final))
                .bind(0_i64))
        },
    )
    .await
}

/// Inserts events, which have positions.
pub async fn insert_events(
    connection: &mut AnyConnection,
    events: &[NewEvent],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO event (position, tx, place, slot, tx_index, time, kind, address, code, contributor, generation, \
               sequence, data, retracts)";
    rows::run(connection, sql, 14, "", events, |query, event| {
        Ok(query
            .bind(event.position)
            .bind(event.transaction)
            .bind(i64::from(event.place))
            .bind(event.slot)
            .bind(i64::from(event.index))
            .bind(event.time)
            .bind(event.kind as i64)
            .bind(event.address.clone())
            .bind(event.code.clone())
            .bind(event.contributor.clone())
            .bind(event.generation)
            .bind(event.sequence)
            .bind(event.data.clone())
            .bind(event.retracts))
    })
    .await
}

/// Inserts transactions that cannot be read, but for those that are there.
pub async fn insert_dead_letters(
    connection: &mut AnyConnection,
    letters: &[DeadLetter],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO dead_letter (signature, slot, reason)";
    let after = "ON CONFLICT (signature) DO NOTHING";
    rows::run(connection, sql, 3, after, letters, |query, letter| {
        Ok(query
            .bind(letter.signature.to_string())
            .bind(column::to_column("the slot", letter.slot)?)
            .bind(letter.reason.clone()))
    })
    .await
}
