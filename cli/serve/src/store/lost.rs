//! The ranges that are lost.

use {
    super::{
        column,
        registration::{self, Range},
        rows, StoreError,
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
    for range in known.difference(&lost) {
        delete(connection, range).await?;
    }
    let new = lost.difference(&known).map(row);
    insert(connection, &new.collect::<Result<Vec<_>, _>>()?).await
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

async fn delete(connection: &mut AnyConnection, range: &Range) -> Result<(), StoreError> {
    let row = row(range)?;
    let sql = "DELETE FROM lost_range WHERE address = $1 AND contributor = $2 AND generation = $3 AND first = $4 AND last = $5";
    sqlx::query(sql)
        .bind(row.address)
        .bind(row.contributor)
        .bind(row.generation)
        .bind(row.first)
        .bind(row.last)
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert(connection: &mut AnyConnection, rows: &[LostRow]) -> Result<(), StoreError> {
    let sql = "INSERT INTO lost_range (address, contributor, generation, first, last)";
    rows::insert(connection, sql, 5, "", rows, |query, row| {
        Ok(query
            .bind(row.address.clone())
            .bind(row.contributor.clone())
            .bind(row.generation)
            .bind(row.first)
            .bind(row.last))
    })
    .await
}
