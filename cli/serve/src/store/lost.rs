//! The ranges that are lost.

use {
    super::{
        column,
        registration::{self, Range},
        rows::{self, Binding},
        StoreError,
    },
    sqlx::AnyConnection,
    std::collections::BTreeSet,
};

/// Selects them.
pub(super) const LOST: &str =
    "SELECT address, contributor, generation, first, last FROM lost_range";

/// Replaces the ranges that are lost. Only the difference is written, as a new store may have one of every account.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    ranges: &[Range],
) -> Result<(), StoreError> {
    let known = known(connection).await?;
    let lost: BTreeSet<Range> = ranges.iter().copied().collect();
    let rows = |ranges: &mut dyn Iterator<Item = &Range>| {
        ranges.map(row).collect::<Result<Vec<_>, StoreError>>()
    };
    delete(connection, &rows(&mut known.difference(&lost))?).await?;
    insert(connection, &rows(&mut lost.difference(&known))?).await
}

async fn known(connection: &mut AnyConnection) -> Result<BTreeSet<Range>, StoreError> {
    let rows = sqlx::query(LOST).fetch_all(connection).await?;
    rows.iter().map(registration::range).collect()
}

/// A range as the columns have it.
struct LostRow {
    address: String,
    contributor: String,
    generation: i64,
    first: i64,
    last: i64,
}

fn row(range: &Range) -> Result<LostRow, StoreError> {
    let (contributor, generation) = registration::columns(range.registration)?;
    Ok(LostRow {
        address: range.address.to_string(),
        contributor,
        generation,
        first: column::to_column("the sequence", range.first)?,
        last: column::to_column("the sequence", range.last)?,
    })
}

async fn delete(connection: &mut AnyConnection, rows: &[LostRow]) -> Result<(), StoreError> {
    let sql = "DELETE FROM lost_range WHERE (address, contributor, generation, first, last) IN (";
    rows::run(connection, sql, 5, ")", rows, bind).await
}

async fn insert(connection: &mut AnyConnection, rows: &[LostRow]) -> Result<(), StoreError> {
    let sql = "INSERT INTO lost_range (address, contributor, generation, first, last)";
    rows::run(connection, sql, 5, "", rows, bind).await
}

fn bind(query: Binding, row: &LostRow) -> Result<Binding, StoreError> {
    Ok(query
        .bind(row.address.clone())
        .bind(row.contributor.clone())
        .bind(row.generation)
        .bind(row.first)
        .bind(row.last))
}
