//! A history as JSON lines, which any other store takes.
//!
//! The first line says whose history it is and how far the ledger was read. Each further line is an event, in the ledger's
//! order, a lost range or a transaction that cannot be read. What was retracted is left out.

mod export;
mod import;
mod line;

pub use {
    export::{export, export_part, ExportedPart},
    import::{import, ImportError, Imported},
    line::RangeJson,
};
