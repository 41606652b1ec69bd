//! The history of a device: a table for each of its registrations, one JSON document, or a JSON line for each event.

use {
    super::{short, versioned},
    crate::{
        error::CliError,
        terminal::{self, Cell, Columns, Format, Output},
    },
    ebb_sdk::json::{EventJson, ValueJson},
    serde::{Deserialize, Serialize},
};

const COLUMNS: &[&str] = &[
    "WHEN",
    "EVENT",
    "FROM",
    "TO",
    "BY",
    "REASON",
    "SLOT",
    "SIGNATURE",
];
/// What stands where there is no value.
const NONE: &str = "-";

/// An event and the registration of the device that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEntry {
    /// Which registration it is, from 1; `None` if that is not known.
    pub registration: Option<u32>,
    /// The event.
    #[serde(flatten)]
    pub event: EventJson,
}

/// Events of which there is no record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapEntry {
    /// Of which registration, from 1; `None` if that is not known.
    pub registration: Option<u32>,
    /// The sequence of the first.
    pub from: u64,
    /// The sequence of the last; `None` if it is not known how many they are.
    pub to: Option<u64>,
}

#[derive(Serialize)]
struct Document<'a> {
    events: &'a [EventEntry],
    gaps: &'a [GapEntry],
}

/// Writes events, and the holes in JSON.
pub fn history(format: Format, entries: &[EventEntry], gaps: &[GapEntry]) -> Result<(), CliError> {
    match format.output {
        Output::Json | Output::JsonCompact => {
            let events = entries;
            versioned(format.output, &Document { events, gaps })
        }
        Output::JsonLines => entries
            .iter()
            .try_for_each(|entry| versioned(format.output, entry)),
        _ => tables(format, entries),
    }
}

/// Writes an event that has just happened, on a line of its own.
pub fn event(format: Format, entry: &EventEntry) -> Result<(), CliError> {
    if format.output == Output::JsonLines {
        return versioned(format.output, entry);
    }
    let row = row(&entry.event, format.verbose);
    terminal::line(row.join("  "))
}

/// That something is missing, in words, if anything is.
pub fn incomplete(name: &str, gaps: &[GapEntry]) -> Option<CliError> {
    if gaps.is_empty() {
        return None;
    }
    let gaps: Vec<_> = gaps.iter().map(describe).collect();
    Some(CliError::other(format!(
        "the history of {name} is incomplete: there is no record of {}",
        gaps.join(", ")
    )))
}

/// A hole in words: `events 3 to 5 of registration 1`.
pub fn describe(gap: &GapEntry) -> String {
    let from = gap.from;
    let events = match gap.to {
        Some(to) if to == from => format!("event {from}"),
        Some(to) => format!("events {from} to {to}"),
        None => format!("events {from} and later"),
    };
    match gap.registration {
        Some(number) => format!("{events} of registration {number}"),
        None => format!("{events} of an unknown registration"),
    }
}

fn tables(format: Format, entries: &[EventEntry]) -> Result<(), CliError> {
    let is_one = entries.iter().all(|it| it.registration == Some(1));
    let registrations = entries.chunk_by(|a, b| a.registration == b.registration);
    for (place, events) in registrations.enumerate() {
        if place > 0 {
            terminal::line("")?;
        }
        let first = events.first();
        if let Some(first) = first.filter(|_| !is_one) {
            heading(first.registration)?;
        }
        let mut columns = Columns::new(COLUMNS, format.terminal.colour);
        for entry in events {
            let row = row(&entry.event, format.verbose);
            columns.push(row.iter().map(Cell::new));
        }
        terminal::table(&columns, format.terminal)?;
    }
    Ok(())
}

/// Writes which registration what follows belongs to.
pub fn heading(registration: Option<u32>) -> Result<(), CliError> {
    match registration {
        Some(number) => terminal::line(format_args!("Registration {number}")),
        None => terminal::line("A registration whose begin is not known"),
    }
}

fn row(event: &EventJson, is_full: bool) -> [String; COLUMNS.len()] {
    let shown = |key: &str| if is_full { key.to_owned() } else { short(key) };
    let forced = if event.forced { " (forced)" } else { "" };
    let none = || NONE.to_owned();
    [
        event.time.clone().unwrap_or_else(none),
        format!("{}{forced}", event.event),
        event.from.as_ref().map_or_else(none, value),
        event.to.as_ref().map_or_else(none, value),
        format!("{} {}", event.role, shown(&event.actor)),
        event.reason.clone().unwrap_or_else(none),
        event.slot.to_string(),
        shown(&event.signature),
    ]
}

fn value(value: &ValueJson) -> String {
    match value {
        ValueJson::Number(number) => number.to_string(),
        ValueJson::Text(text) => text.clone(),
    }
}
