//! How results look: tables for people, JSON for scripts. stdout holds the result and nothing else.

mod cell;
mod columns;
mod item;
mod list;
mod signed;

pub use {
    cell::Cell,
    item::{settle, settled, Item, Report},
    list::{list, views, warn_unreadable},
    signed::signed,
};

use {
    crate::{
        context::Context,
        error::{CliError, ErrorBody, Exit},
    },
    clap::ValueEnum,
    comfy_table::{ContentArrangement, Table},
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
    std::io::{self, IsTerminal, Write},
};

/// Blanks between the columns of a table.
const GAP: u16 = 2;

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
    /// A Mermaid state diagram: `ebb lifecycle` only.
    Mermaid,
    /// A Graphviz graph: `ebb lifecycle` only.
    Dot,
}

impl Output {
    /// Whether it is for scripts.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonCompact)
    }
}

/// What stdin, stdout and stderr are connected to.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// A person can be asked.
    pub interactive: bool,
    /// stdout may be coloured.
    pub colour: bool,
    /// Progress may redraw lines on stderr.
    pub stderr: bool,
}

impl Terminal {
    /// Looks.
    pub fn detect() -> Self {
        let stderr = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            interactive: io::stdin().is_terminal() && stderr,
            colour: io::stdout().is_terminal() && !no_colour,
            stderr,
        }
    }
}

/// Writes text and a line end to stdout.
pub fn line(text: impl std::fmt::Display) -> Result<(), CliError> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Tells what is going on, on stderr.
pub fn status(text: impl std::fmt::Display) {
    // stderr may be closed; the work goes on all the same.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes one JSON document to stdout.
pub fn json(output: Output, document: &impl Serialize) -> Result<(), CliError> {
    line(to_json(output, document)?)
}

fn to_json(output: Output, document: &impl Serialize) -> Result<String, CliError> {
    let text = match output {
        Output::JsonCompact => serde_json::to_string(document),
        _ => serde_json::to_string_pretty(document),
    };
    text.map_err(|error| CliError::other(error.to_string()))
}

/// Writes one JSON document with its `schema_version` first.
pub fn versioned(output: Output, body: &impl Serialize) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct Versioned<'a, T: Serialize> {
        schema_version: u32,
        #[serde(flatten)]
        body: &'a T,
    }
    json(
        output,
        &Versioned {
            schema_version: SCHEMA_VERSION,
            body,
        },
    )
}

/// Writes an error to stderr.
pub fn report_error(error: &CliError, output: Output, verbose: bool) {
    if output.is_json() {
        #[derive(Serialize)]
        struct Document {
            error: ErrorBody,
        }
        if let Ok(text) = to_json(
            output,
            &Document {
                error: error.body(),
            },
        ) {
            status(text);
        }
        return;
    }
    status(format_args!("error: {error}"));
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

    /// Its fields, for itself alone; those of its row unless there are more.
    fn fields(&self) -> Vec<Field> {
        let values = self.row().into_iter().map(|cell| cell.text);
        Self::COLUMNS.iter().copied().zip(values).collect()
    }
}

impl<V: View> View for &V {
    const PLURAL: &'static str = V::PLURAL;
    const COLUMNS: &'static [&'static str] = V::COLUMNS;

    fn row(&self) -> Vec<Cell> {
        (**self).row()
    }

    fn fields(&self) -> Vec<Field> {
        (**self).fields()
    }
}

/// A field's name and value, for people.
pub type Field = (&'static str, String);

/// Writes one thing.
pub fn show<V: View>(context: &Context, view: &V) -> Result<Exit, CliError> {
    document(context, view, &view.fields())
}

/// Writes one document: `body` for scripts, `fields` for people.
pub fn document(
    context: &Context,
    body: &impl Serialize,
    fields: &[Field],
) -> Result<Exit, CliError> {
    if context.output.is_json() {
        versioned(context.output, body)?;
        return Ok(Exit::DONE);
    }
    let mut table = plain_table(context.terminal.colour);
    for (name, value) in fields {
        table.add_row([Cell::new(name).bold(), Cell::new(value)]);
    }
    print_table(&table)?;
    Ok(Exit::DONE)
}

/// A table without lines. On a coloured terminal it is as wide as that.
pub fn plain_table(colour: bool) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if colour {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.force_no_tty();
    }
    table
}

/// Writes a table to stdout.
pub fn print_table(table: &Table) -> Result<(), CliError> {
    line(table_text(table))
}

/// A table as text.
pub fn table_text(table: &Table) -> String {
    let mut table = table.clone();
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt()
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

    #[test]
    fn tables_off_a_terminal_are_plain() {
        let mut table = plain_table(false);
        table.set_header([Cell::new("CODE").bold(), Cell::new("NAME").bold()]);
        table.add_row(["ams", "Amsterdam"]);
        assert!(!table.to_string().contains('\u{1b}'));
        assert!(!table.is_tty());
    }
}
