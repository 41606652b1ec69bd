//! The history of a device: a table for each of its registrations, one JSON document, or a JSON line for each event.

use {
    super::{short, versioned},
    crate::{
        context::Context,
        error::CliError,
        terminal::{self, Cell, Columns, Output},
    },
    ebb_sdk::{
        history::{DeviceHistory, Gap, Record, Registration},
        json::{EventJson, ValueJson},
    },
    serde::Serialize,
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
#[derive(Serialize)]
struct EventEntry {
    registration: u32,
    #[serde(flatten)]
    event: EventJson,
}

/// Events of which there is no record; `to` is null if it is not known how many there were.
#[derive(Serialize)]
struct GapEntry {
    registration: u32,
    from: u64,
    to: Option<u64>,
}

#[derive(Serialize)]
struct Document {
    events: Vec<EventEntry>,
    gaps: Vec<GapEntry>,
}

/// Writes the events of registrations, which may be without any, and the holes in JSON.
pub fn history(
    context: &Context,
    registrations: &[Registration],
    gaps: &[Gap],
) -> Result<(), CliError> {
    match context.output {
        Output::Json | Output::JsonCompact => {
            let document = Document {
                events: entries(registrations).collect(),
                gaps: gaps.iter().map(GapEntry::from).collect(),
            };
            versioned(context.output, &document)
        }
        Output::JsonLines => {
            entries(registrations).try_for_each(|entry| versioned(context.output, &entry))
        }
        _ => tables(context, registrations),
    }
}

/// Writes an event that has just happened, on a line of its own.
pub fn event(context: &Context, registration: u32, record: &Record) -> Result<(), CliError> {
    let event = EventJson::from(record);
    if context.output == Output::JsonLines {
        let entry = EventEntry {
            registration,
            event,
        };
        return versioned(context.output, &entry);
    }
    let row = row(&event, context.verbose);
    terminal::line(row.join("  "))
}

/// What is missing, in words, and the transactions that have to do with it as hints; `None` if nothing is.
pub fn incomplete(name: &str, history: &DeviceHistory) -> Option<CliError> {
    let gaps = history.gaps();
    if gaps.is_empty() {
        return None;
    }
    let gaps: Vec<_> = gaps.iter().map(describe).collect();
    let error = CliError::other(format!(
        "the history of {name} is incomplete: there is no record of {}",
        gaps.join(", ")
    ));
    let unread = history.failures().iter().map(ToString::to_string);
    let cut = history.truncated().iter().map(ToString::to_string);
    Some(unread.chain(cut).fold(error, CliError::hint))
}

/// A hole in words: `events 3 to 5 of registration 1`.
pub fn describe(gap: &Gap) -> String {
    let Gap {
        registration, from, ..
    } = gap;
    match gap.to {
        Some(to) if to == *from => format!("event {from} of registration {registration}"),
        Some(to) => format!("events {from} to {to} of registration {registration}"),
        None => format!("events {from} and later of registration {registration}"),
    }
}

fn entries(registrations: &[Registration]) -> impl Iterator<Item = EventEntry> + '_ {
    registrations.iter().flat_map(|registration| {
        let events = registration.records.iter().map(EventJson::from);
        events.map(|event| EventEntry {
            registration: registration.number,
            event,
        })
    })
}

fn tables(context: &Context, registrations: &[Registration]) -> Result<(), CliError> {
    let is_one = registrations.iter().all(|it| it.number == 1);
    let shown = registrations.iter().filter(|it| !it.records.is_empty());
    for (place, registration) in shown.enumerate() {
        if place > 0 {
            terminal::line("")?;
        }
        if !is_one {
            heading(registration.number)?;
        }
        let mut columns = Columns::new(COLUMNS, context.terminal.colour);
        for record in &registration.records {
            let row = row(&EventJson::from(record), context.verbose);
            columns.push(row.iter().map(Cell::new));
        }
        terminal::table(&columns, context.terminal)?;
    }
    Ok(())
}

/// Writes which registration what follows belongs to.
pub fn heading(registration: u32) -> Result<(), CliError> {
    terminal::line(format_args!("Registration {registration}"))
}

fn row(event: &EventJson, is_full: bool) -> [String; COLUMNS.len()] {
    let shown = |key: &str| match is_full {
        true => key.to_owned(),
        false => short(key),
    };
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

impl From<&Gap> for GapEntry {
    fn from(gap: &Gap) -> Self {
        Self {
            registration: gap.registration,
            from: gap.from,
            to: gap.to,
        }
    }
}
