//! CSV files with one thing to import on each line, as spreadsheets and databases write them. A wrong line does not
//! stop the others.
//!
//! This module depends on nothing else of this crate: it turns bytes into typed lines or a typed error.

mod columns;
pub mod error;
mod file;
mod format;
mod header;
mod record;
mod text;

#[cfg(test)]
mod tests;

pub use {
    columns::CsvColumns,
    error::CsvError,
    file::{CsvFile, CsvRow, Line},
};
