//! Columns as the ledger's own values.

use {
    super::StoreError,
    sqlx::{any::AnyRow, Row},
    std::str::FromStr,
};

/// A column's text as what it is the text of.
pub fn parsed<T: FromStr>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    let damaged = || StoreError::Damaged(format!("`{text}` in column {column}"));
    text.parse().map_err(|_| damaged())
}

/// A column's number, which is never negative.
pub fn count(row: &AnyRow, column: &str) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(column)?;
    let damaged = |_| StoreError::Damaged(format!("{number} in column {column}"));
    number.try_into().map_err(damaged)
}

/// A column's number of a transaction in its slot, or of an event in its transaction.
pub fn index(row: &AnyRow, column: &str) -> Result<u32, StoreError> {
    let number: i64 = row.try_get(column)?;
    let damaged = |_| StoreError::Damaged(format!("{number} in column {column}"));
    number.try_into().map_err(damaged)
}

/// A number as a column takes it. Slots and sequences fit, as a ledger counts them one by one.
pub fn to_column(what: &'static str, value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::OutOfRange { what, value })
}
