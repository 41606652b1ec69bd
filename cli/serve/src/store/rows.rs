//! Statements on many rows at once, as a round trip for each would take most of the time.

use {
    super::StoreError,
    sqlx::{
        any::{AnyArguments, AnyRow},
        query::Query,
        Any, AnyConnection, AssertSqlSafe, Encode, Type,
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

/// A value that a column is compared with: a text or a number.
pub trait ListValue: Clone + Send + Encode<'static, Any> + Type<Any> + 'static {}

impl ListValue for String {}
impl ListValue for i64 {}

/// A statement whose `sql` ends with `COLUMN IN `, on the rows whose column is one of some values; `after` follows.
fn listing<T: ListValue>(sql: &str, values: &[T], after: &str) -> Binding {
    let list = placeholders(1, values.len());
    let query = passing(format!("{sql}{list} {after}"));
    let values = values.iter().cloned();
    values.fold(query, |query, value| query.bind(value))
}

/// The rows whose column is one of some values: `sql` ends with `COLUMN IN `, and `after` follows.
pub async fn matching<T: ListValue>(
    connection: &mut AnyConnection,
    sql: &str,
    values: &[T],
    after: &str,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut found = vec![];
    for values in values.chunks(ROWS) {
        let query = listing(sql, values, after);
        found.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

/// Updates or deletes the rows whose column is one of some values: `sql` ends with `COLUMN IN `.
pub async fn change<T: ListValue>(
    connection: &mut AnyConnection,
    sql: &str,
    values: &[T],
) -> Result<(), StoreError> {
    for values in values.chunks(ROWS) {
        listing(sql, values, "").execute(&mut *connection).await?;
    }
    Ok(())
}
