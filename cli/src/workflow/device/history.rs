//! Printing a device's history, and what is added to it.

use crate::{
    error::CliError,
    input::value::Identifier,
    render::history::{self as render, EventEntry, GapEntry},
    terminal::{status, Format},
    workflow::{reader::History, stream::Outages},
};

/// Prints what is known, and returns what is missing of it.
pub fn show(
    format: Format,
    device: &Identifier,
    history: &dyn History,
) -> Result<Option<CliError>, CliError> {
    let events = history.events();
    if events.is_empty() && !format.output.is_json() {
        status("no events");
    }
    let gaps = history.gaps();
    render::history(format, &events, &gaps)?;
    let incomplete = render::incomplete(&device.to_string(), &gaps);
    let reasons = history.reasons().into_iter();
    Ok(incomplete.map(|error| reasons.fold(error, CliError::hint)))
}

/// Prints events as they land, until a signal ends it; first what was `incomplete` before.
///
/// # Errors
/// Any but an outage, which is waited for.
pub async fn follow(
    format: Format,
    incomplete: Option<CliError>,
    history: &mut dyn History,
) -> Result<(), CliError> {
    if let Some(error) = incomplete {
        status(format_args!("warning: {error}"));
    }
    let mut holes = history.gaps();
    let mut registration = history.events().last().and_then(|it| it.registration);
    let mut outages = Outages::default();
    loop {
        let Some(new) = outages.tolerate(history.next().await)? else {
            continue;
        };
        for entry in &new {
            print(format, entry, &mut registration)?;
        }
        let gaps = history.gaps();
        warn_of_new(&holes, &gaps);
        holes = gaps;
    }
}

/// Prints an event; before the first of another registration, which that is.
fn print(
    format: Format,
    entry: &EventEntry,
    registration: &mut Option<u32>,
) -> Result<(), CliError> {
    let before = std::mem::replace(registration, entry.registration);
    let is_other = before != entry.registration && entry.registration != Some(1);
    if is_other && !format.output.is_json() {
        render::heading(entry.registration)?;
    }
    render::event(format, entry)
}

/// Warns of the holes that were not there before.
fn warn_of_new(known: &[GapEntry], gaps: &[GapEntry]) {
    for gap in gaps.iter().filter(|gap| !known.contains(gap)) {
        status(format_args!(
            "warning: there is no record of {}",
            render::describe(gap)
        ));
    }
}
