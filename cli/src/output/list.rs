//! Lists: each row is made and written by itself, so that a long list takes little more memory than a short one.

use {
    super::{
        columns::Columns, plain_table, print_table, status, Cell, Output, View, SCHEMA_VERSION,
    },
    crate::{
        context::Context,
        error::{CliError, Exit, Kind, UPGRADE},
        resolve,
    },
    ebb_sdk::{
        client::{Keyed, Listing},
        EbbError,
    },
    serde::{
        ser::{Error, SerializeMap, SerializeSeq},
        Serialize, Serializer,
    },
    solana_sdk::pubkey::Pubkey,
    std::io::{self, BufWriter, StdoutLock, Write},
};

/// How many bytes are written at a time.
const BLOCK: usize = 64 * 1024;

/// Writes a list. Accounts that could not be read are told on stderr and make the exit code 1.
///
/// # Errors
/// Where there is nothing because there is no registry, that.
pub async fn list<V: View>(
    context: &Context,
    rows: impl Iterator<Item = Result<V, CliError>> + Clone,
    unreadable: &[(Pubkey, EbbError)],
) -> Result<Exit, CliError> {
    let is_empty = rows.clone().next().is_none();
    if is_empty && unreadable.is_empty() {
        resolve::registry(context).await?;
    }
    warn_unreadable(unreadable);
    if context.output.is_json() {
        document(context.output, V::PLURAL, rows)?;
    } else if is_empty {
        status(format_args!("no {}", V::PLURAL.replace('_', " ")));
    } else if context.terminal.colour {
        coloured(V::COLUMNS, rows)?;
    } else {
        plain(V::COLUMNS, rows)?;
    }
    Ok(Exit::from((!unreadable.is_empty()).then_some(Kind::Other)))
}

/// Tells of accounts that could not be read.
pub fn warn_unreadable(unreadable: &[(Pubkey, EbbError)]) {
    for (address, error) in unreadable {
        status(format_args!(
            "warning: account {address} cannot be read: {error}"
        ));
        if *error == EbbError::UnsupportedVersion {
            status(format_args!("hint: {UPGRADE}"));
        }
    }
}

/// Turns what a ledger listed into what a verb shows of it, in the order of `key`.
pub fn views<T, V, K: Ord>(
    listing: Listing<T>,
    view: impl Fn(Keyed<T>) -> V,
    key: impl Fn(&V) -> K,
) -> (Vec<V>, Vec<(Pubkey, EbbError)>) {
    let mut views: Vec<V> = listing.items.into_iter().map(view).collect();
    views.sort_by_key(key);
    (views, listing.unreadable)
}

/// stdout by the block: by itself it is written line by line.
fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(BLOCK, io::stdout().lock())
}

/// In colours, and as wide as the terminal.
fn coloured<V: View>(
    names: &[&str],
    rows: impl Iterator<Item = Result<V, CliError>>,
) -> Result<(), CliError> {
    let mut table = plain_table(true);
    table.set_header(names.iter().map(|name| Cell::new(name).bold()));
    for row in rows {
        table.add_row(row?.row());
    }
    print_table(&table)
}

fn plain<V: View>(
    names: &[&str],
    rows: impl Iterator<Item = Result<V, CliError>>,
) -> Result<(), CliError> {
    let mut columns = Columns::new(names);
    for row in rows {
        columns.push(row?.row().into_iter().map(|cell| cell.text));
    }
    let mut out = stdout();
    columns.write(&mut out)?;
    Ok(out.flush()?)
}

fn document<V: Serialize>(
    output: Output,
    plural: &'static str,
    rows: impl Iterator<Item = Result<V, CliError>> + Clone,
) -> Result<(), CliError> {
    let document = Document { plural, rows };
    let mut out = stdout();
    let written = match output {
        Output::JsonCompact => serde_json::to_writer(&mut out, &document),
        _ => serde_json::to_writer_pretty(&mut out, &document),
    };
    written.map_err(|error| match error.io_error_kind() {
        Some(kind) => CliError::from(io::Error::from(kind)),
        None => CliError::other(error.to_string()),
    })?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// A list as JSON has it.
struct Document<I> {
    plural: &'static str,
    rows: I,
}

impl<V, I> Serialize for Document<I>
where
    V: Serialize,
    I: Iterator<Item = Result<V, CliError>> + Clone,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        map.serialize_entry(self.plural, &Rows(self.rows.clone()))?;
        map.end()
    }
}

struct Rows<I>(I);

impl<V, I> Serialize for Rows<I>
where
    V: Serialize,
    I: Iterator<Item = Result<V, CliError>> + Clone,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        for row in self.0.clone() {
            rows.serialize_element(&row.map_err(S::Error::custom)?)?;
        }
        rows.end()
    }
}
