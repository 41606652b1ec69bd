//! Statements on many rows at once, as a round trip for each would take most of the time.

use {
    super::StoreError,
    sqlx::{
        any::{AnyArguments, AnyRow},
        query::Query,
        Any, AnyConnection, AssertSqlSafe,
    },
    std::fmt::Write,
};

/// The most rows in a statement; times the columns of a row it is below SQLite's limit of 32,766 parameters.
const ROWS: usize = 1_000;

/// `($1, $2), ($3, $4)` for two rows of two columns.
fn placeholders(rows: usize, columns: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let number = row * columns + column + 1;
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}${number}");
        }
        text.push(')');
    }
    text
}

/// A statement that is run once in a while and differs from time to time, so it is not kept prepared.
fn passing<'q>(sql: String) -> Query<'q, Any, AnyArguments> {
    sqlx::query(AssertSqlSafe(sql)).persistent(false)
}

/// A statement to which values are bound.
pub type Binding = Query<'static, Any, AnyArguments>;

/// Runs a statement on rows: `sql` ends before `VALUES`, `after` follows, and `bind` binds a row's `columns`.
pub async fn run<T>(
    connection: &mut AnyConnection,
    sql: &str,
    columns: usize,
    after: &str,
    rows: &[T],
    mut bind: impl FnMut(Binding, &T) -> Result<Binding, StoreError>,
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS) {
        let values = placeholders(rows.len(), columns);
        let query = passing(format!("{sql} VALUES {values} {after}"));
        let query = rows.iter().try_fold(query, &mut bind)?;
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// The rows whose column is one of some texts: `sql` ends with `COLUMN IN `, and `after` follows.
pub async fn matching(
    connection: &mut AnyConnection,
    sql: &str,
    texts: &[String],
    after: &str,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut found = vec![];
    for texts in texts.chunks(ROWS) {
        let list = placeholders(1, texts.len());
        let query = passing(format!("{sql}{list} {after}"));
        let query = texts
            .iter()
            .fold(query, |query, text| query.bind(text.clone()));
        found.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

/// The rows whose column is one of some numbers, likewise.
pub async fn numbered(
    connection: &mut AnyConnection,
    sql: &str,
    numbers: &[i64],
    after: &str,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut found = vec![];
    for numbers in numbers.chunks(ROWS) {
        let list = placeholders(1, numbers.len());
        let query = passing(format!("{sql}{list} {after}"));
        let query = numbers
            .iter()
            .fold(query, |query, number| query.bind(*number));
        found.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

/// Updates the rows with some numbers: `sql` ends with `COLUMN IN `.
pub async fn update(
    connection: &mut AnyConnection,
    sql: &str,
    numbers: &[i64],
) -> Result<(), StoreError> {
    for numbers in numbers.chunks(ROWS) {
        let list = placeholders(1, numbers.len());
        let query = passing(format!("{sql}{list}"));
        let query = numbers
            .iter()
            .fold(query, |query, number| query.bind(*number));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the rows with some texts, likewise.
pub async fn delete(
    connection: &mut AnyConnection,
    sql: &str,
    texts: &[String],
) -> Result<(), StoreError> {
    for texts in texts.chunks(ROWS) {
        let list = placeholders(1, texts.len());
        let query = passing(format!("{sql}{list}"));
        let query = texts
            .iter()
            .fold(query, |query, text| query.bind(text.clone()));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
