//! A row of the history as the ledger's own values.

use {
    super::{column, registration, RegistrationKey, StoreError},
    base64::{engine::general_purpose::STANDARD, Engine},
    ebb_sdk::{event::Event, history::Record},
    sqlx::{any::AnyRow, Row},
    std::{fmt, str::FromStr},
};

/// What a store has appended: an event, or the retraction of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was appended: 1 for the first, each one more than the one before.
    pub position: i64,
    /// Where it stands in the ledger's order.
    pub place: Place,
    /// The event.
    pub record: Record,
    /// Of a device's event, which registration it belongs to, if that one's first event is known.
    pub registration: Option<RegistrationKey>,
    /// The position of the event that this entry retracts, as a fork dropped its transaction.
    pub retracts: Option<i64>,
    /// Whether it was retracted, or is a retraction.
    pub is_retracted: bool,
}

/// Where an event stands in the ledger's order. Its text goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub(super) slot: i64,
    pub(super) index: i64,
    pub(super) transaction: i64,
    pub(super) place: i64,
}

impl Place {
    /// The place behind all that happened up to a slot, inclusive.
    ///
    /// # Errors
    /// The slot is beyond any that a store takes.
    pub fn after_slot(slot: u64) -> Result<Self, StoreError> {
        Ok(Self {
            slot: column::to_column("the slot", slot)?,
            index: i64::MAX,
            transaction: i64::MAX,
            place: i64::MAX,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            slot,
            index,
            transaction,
            place,
        } = self;
        write!(f, "{slot}.{index}.{transaction}.{place}")
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<i64>, _> = text.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[slot, index, transaction, place]) => Ok(Self {
                slot,
                index,
                transaction,
                place,
            }),
            _ => Err(format!(
                "`{text}` is no place in a history, as in 1234.0.56.0"
            )),
        }
    }
}

/// The columns of [`read`], of `entry` or `live`.
pub(super) const COLUMNS: &str =
    "position, tx, place, slot, tx_index, known_index, code, contributor, generation, data, \
                                  retracts, signature, is_final, is_retracted";

/// Reads an entry.
pub(super) fn read(row: &AnyRow) -> Result<Entry, StoreError> {
    let place = Place {
        slot: row.try_get("slot")?,
        index: row.try_get("tx_index")?,
        transaction: row.try_get("tx")?,
        place: row.try_get("place")?,
    };
    let index = match row.try_get::<Option<i64>, _>("known_index")? {
        Some(_) => Some(column::index(row, "known_index")?),
        None => None,
    };
    let retracts: Option<i64> = row.try_get("retracts")?;
    Ok(Entry {
        position: row.try_get("position")?,
        place,
        record: Record {
            event: event_from_text(row.try_get("data")?)?,
            code: row.try_get("code")?,
            signature: column::parsed(row, "signature")?,
            index,
            place: column::index(row, "place")?,
            is_final: row.try_get::<i64, _>("is_final")? != 0,
        },
        registration: registration::of(row)?,
        is_retracted: retracts.is_some() || row.try_get::<i64, _>("is_retracted")? != 0,
        retracts,
    })
}

/// An event's bytes as its logs write them, all in one field.
pub(super) fn event_to_text(event: &Event) -> String {
    STANDARD.encode(event.to_bytes())
}

/// The event of such a text.
pub(super) fn event_from_text(text: &str) -> Result<Event, StoreError> {
    let bytes = STANDARD.decode(text).ok();
    let event = bytes.and_then(|bytes| Event::decode(&bytes).ok());
    event.ok_or_else(|| StoreError::Damaged(format!("`{text}` is no event")))
}
