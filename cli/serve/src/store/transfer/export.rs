//! From a store to lines.

use {
    super::{
        super::{entry, DeadLetter, Entry, Identity, Place, Selection, Store, StoreError},
        line::{EventLine, Header, LetterJson, LostLine, UnreadableLine, FORMAT, PAGE},
    },
    ebb_sdk::{json::EventJson, ledger::Finality},
    serde::Serialize,
};

/// A part of a history as lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPart {
    /// The lines.
    pub lines: Vec<u8>,
    /// How many of them are events.
    pub events: usize,
    /// Behind which place the next part begins; `None` if this is the last.
    pub next: Option<Place>,
}

/// Hands over a store's history as lines, many at a time. Returns how many events there are.
///
/// # Errors
/// The store cannot be read, or `write` fails.
pub async fn export<E: From<StoreError>>(
    store: &Store,
    mut write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<usize, E> {
    let (mut events, mut after) = (0, None);
    loop {
        let part = export_part(store, after, PAGE).await?;
        write(&part.lines)?;
        events += part.events;
        match part.next {
            Some(next) => after = Some(next),
            None => return Ok(events),
        }
    }
}

/// The lines of at most `limit` events behind a place. The first line of all comes before the first event, and what is lost or
/// unreadable behind the last one.
///
/// # Errors
/// The store cannot be read.
pub async fn export_part(
    store: &Store,
    after: Option<Place>,
    limit: u32,
) -> Result<ExportedPart, StoreError> {
    let mut part = vec![];
    if after.is_none() {
        // Read first: what is appended meanwhile is in the lines and read once more by who goes on from there.
        part.append(&mut lines([header_of(store).await?])?);
    }
    let page = store.history(&Selection::default(), after, limit).await?;
    part.append(&mut lines(page.iter().map(event_line))?);
    let has_more = page.len() == limit as usize;
    if !has_more {
        let lost = store.lost_ranges().await?;
        let lost = lost.iter().map(|range| LostLine { lost: range.into() });
        part.append(&mut lines(lost)?);
        let letters = store.dead_letters().await?;
        part.append(&mut lines(letters.into_iter().map(unreadable_line))?);
    }
    Ok(ExportedPart {
        lines: part,
        events: page.len(),
        next: page.last().filter(|_| has_more).map(|last| last.place),
    })
}

async fn header_of(store: &Store) -> Result<Header, StoreError> {
    let Identity { genesis, program } = store.identity();
    let cursor = async |finality| {
        let cursor = store.cursor(finality).await?;
        Ok::<_, StoreError>(cursor.map(|cursor| cursor.to_string()))
    };
    Ok(Header {
        schema_version: FORMAT,
        genesis: genesis.to_string(),
        program: program.to_string(),
        confirmed: cursor(Finality::Confirmed).await?,
        is_final: cursor(Finality::Final).await?,
    })
}

fn event_line(entry: &Entry) -> EventLine {
    EventLine {
        event: EventJson::from(&entry.record),
        index: entry.record.index,
        data: entry::event_to_text(&entry.record.event),
    }
}

fn unreadable_line(letter: DeadLetter) -> UnreadableLine {
    UnreadableLine {
        unreadable: LetterJson {
            signature: letter.signature.to_string(),
            slot: letter.slot,
            reason: letter.reason,
        },
    }
}

fn lines(all: impl IntoIterator<Item = impl Serialize>) -> Result<Vec<u8>, StoreError> {
    let mut lines = vec![];
    for line in all {
        let written = serde_json::to_writer(&mut lines, &line);
        written.map_err(|error| StoreError::Damaged(error.to_string()))?;
        lines.push(b'\n');
    }
    Ok(lines)
}
