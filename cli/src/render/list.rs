//! Lists: each row is made and written by itself, so that a long list takes little more memory than a short one.

use {
    super::{document::SCHEMA_VERSION, view::View},
    crate::{
        error::{CliError, Exit, Kind, UPGRADE},
        terminal::{json, status, table, Columns, Format},
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
};

/// Writes a list. Accounts that could not be read are named on stderr and make the exit code 1.
pub fn list<V: View>(
    format: impl Into<Format>,
    rows: impl Iterator<Item = Result<V, CliError>> + Clone,
    unreadable: &[(Pubkey, EbbError)],
) -> Result<Exit, CliError> {
    let format = format.into();
    warn_unreadable(unreadable);
    if format.output.is_json() {
        let plural = V::PLURAL;
        json(format.output, &ListDocument { plural, rows })?;
    } else if rows.clone().next().is_none() {
        status(format_args!("no {}", V::PLURAL.replace('_', " ")));
    } else {
        let mut columns = Columns::new(V::COLUMNS, format.terminal.colour);
        for row in rows {
            columns.push(row?.row());
        }
        table(&columns, format.terminal)?;
    }
    Ok(Exit::from((!unreadable.is_empty()).then_some(Kind::Other)))
}

/// Warns of accounts that could not be read.
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

/// A list as JSON has it.
struct ListDocument<I> {
    plural: &'static str,
    rows: I,
}

impl<V, I> Serialize for ListDocument<I>
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
