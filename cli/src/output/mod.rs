//! How results look: tables for people, JSON for scripts. stdout holds the result and nothing else.

mod cell;
mod columns;
mod escape;
mod item;
mod list;
mod record;
mod report;
mod signed;
mod stream;
mod terminal;
mod usage;
mod wrap;

pub use {
    cell::Cell,
    columns::Columns,
    escape::escaped,
    item::Item,
    list::{list, views, warn_unreadable},
    record::{show, Field, Record, Show, NONE},
    report::{as_item, report_item, Report},
    signed::signed,
    stream::{
        bytes, json, json_status, line, paragraph, question, result_paragraph, status,
        status_table, Bars,
    },
    terminal::{stderr_colour, Terminal},
    usage::{command_line_error, report_command_line},
};

use {
    crate::error::{CliError, ErrorBody},
    clap::ValueEnum,
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
};

/// The version of every JSON document's shape.
pub const SCHEMA_VERSION: u32 = 1;

/// How to write the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For scripts, indented.
    Json,
    /// For scripts, on one line.
    JsonCompact,
    /// A Mermaid state diagram.
    #[value(hide = true)]
    Mermaid,
    /// A Graphviz graph.
    #[value(hide = true)]
    Dot,
}

impl Output {
    /// Whether it is for scripts.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonCompact)
    }
}

/// A JSON document with its `schema_version` first.
#[derive(Serialize)]
struct Versioned<'a, T: Serialize> {
    schema_version: u32,
    #[serde(flatten)]
    body: &'a T,
}

impl<'a, T: Serialize> Versioned<'a, T> {
    fn new(body: &'a T) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            body,
        }
    }
}

/// Writes one JSON document with its `schema_version` first.
pub fn versioned(output: Output, body: &impl Serialize) -> Result<(), CliError> {
    json(output, &Versioned::new(body))
}

/// Writes an error to stderr.
pub fn report_error(error: &CliError, output: Output, verbose: bool) {
    if output.is_json() {
        #[derive(Serialize)]
        struct Document {
            error: ErrorBody,
        }
        let error = error.body();
        return json_status(output, &Document { error });
    }
    paragraph(format_args!("error: {error}"));
    for hint in error.hints() {
        status(format_args!("hint: {hint}"));
    }
    if verbose {
        for log in error.logs() {
            status(format_args!("log: {log}"));
        }
    }
}

/// What verbs show of one kind of thing, of which there are several.
pub trait View: Serialize {
    /// What several of them are called in JSON and in messages, as `locations`.
    const PLURAL: &'static str;
    /// The columns of a list.
    const COLUMNS: &'static [&'static str];

    /// Its row in a list.
    fn row(&self) -> Vec<Cell>;
}

impl<V: View> View for &V {
    const PLURAL: &'static str = V::PLURAL;
    const COLUMNS: &'static [&'static str] = V::COLUMNS;

    fn row(&self) -> Vec<Cell> {
        (**self).row()
    }
}

/// Writes a table to stdout, as wide as that is.
pub fn table(columns: &Columns, terminal: Terminal) -> Result<(), CliError> {
    stream::to_stdout(|out| columns.write(terminal.width, out))
}

/// A key for a table's column: its first and last letters.
pub fn short(key: &Pubkey) -> String {
    let key = key.to_string();
    match (key.get(..6), key.get(key.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if key.len() > 12 => format!("{first}…{last}"),
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shortened_in_the_middle() {
        assert_eq!(short(&ebb_sdk::ID), "EBBpwA…xpic");
    }
}
