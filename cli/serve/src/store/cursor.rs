//! How far the ledger was read.

use {
    super::{column, StoreError},
    ebb_sdk::{history::Cursor, ledger::Finality},
    sqlx::AnyConnection,
};

/// The cursor of a finality, if there is one.
pub async fn read(
    connection: &mut AnyConnection,
    finality: Finality,
) -> Result<Option<Cursor>, StoreError> {
    let row = sqlx::query("SELECT value FROM cursor WHERE finality = $1")
        .bind(name(finality))
        .fetch_optional(connection)
        .await?;
    row.map(|row| column::parsed(&row, "value")).transpose()
}

/// How the table of cursors names it.
fn name(finality: Finality) -> &'static str {
    match finality {
        Finality::Confirmed => "confirmed",
        Finality::Final => "final",
    }
}

/// Replaces the cursor of a finality.
pub async fn write(
    connection: &mut AnyConnection,
    finality: Finality,
    cursor: &Cursor,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO cursor (finality, slot, value) VALUES ($1, $2, $3) \
               ON CONFLICT (finality) DO UPDATE SET slot = excluded.slot, value = excluded.value";
    sqlx::query(sql)
        .bind(name(finality))
        .bind(column::to_column("the slot", cursor.slot)?)
        .bind(cursor.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
