//! A history as JSON lines, which any other store takes.
//!
//! The first line says whose history it is and how far the ledger was read. Each further line is an event, in the ledger's
//! order, a lost range or a transaction that cannot be read. What was retracted is left out.

use {
    super::{
        append::{Intake, Walked},
        entry, DeadLetter, Entry, Identity, Place, Range, RegistrationKey, Selection, Store,
        StoreError, Writer,
    },
    ebb_sdk::{
        history::{Cursor, Record},
        json::EventJson,
        ledger::Finality,
    },
    serde::{Deserialize, Serialize},
    solana_sdk::pubkey::Pubkey,
    std::{
        fmt::Display,
        io::{self, BufRead},
        str::FromStr,
    },
};

/// The format of the lines.
const FORMAT: u32 = 1;

/// How many events are read and written at once.
const PAGE: u32 = 1_000;

/// Why lines cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is not as it must be.
    #[error("line {line}: {problem}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The lines cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an import brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Events in the lines.
    pub events: usize,
    /// Those that the store had not.
    pub new: usize,
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    schema_version: u32,
    genesis: String,
    program: String,
    /// How far the ledger was read.
    confirmed: Option<String>,
    #[serde(rename = "final")]
    is_final: Option<String>,
}

/// A line of an event: what people and programs read of it, and its bytes, which an import takes.
#[derive(Serialize)]
struct EventLine {
    #[serde(flatten)]
    event: EventJson,
    index: Option<u32>,
    data: String,
}

/// What an import takes of a line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Event {
        code: Option<String>,
        signature: String,
        index: Option<u32>,
        place: u32,
        #[serde(rename = "final")]
        is_final: bool,
        data: String,
    },
    Lost {
        lost: RangeJson,
    },
    Unreadable {
        unreadable: LetterJson,
    },
}

#[derive(Serialize)]
struct LostLine {
    lost: RangeJson,
}

#[derive(Serialize)]
struct UnreadableLine {
    unreadable: LetterJson,
}

/// A range of sequences that are missing, as JSON has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeJson {
    /// The account.
    pub address: String,
    /// Of a device, the contributor that registered it.
    pub contributor: Option<String>,
    /// Of a device, which of the contributor's registrations it is.
    pub generation: Option<u64>,
    /// The first sequence.
    pub first: u64,
    /// The last one, inclusive.
    pub last: u64,
}

#[derive(Serialize, Deserialize)]
struct LetterJson {
    signature: String,
    slot: u64,
    reason: String,
}

impl From<&Range> for RangeJson {
    fn from(range: &Range) -> Self {
        let registration = range.registration;
        Self {
            address: range.address.to_string(),
            contributor: registration.map(|registration| registration.contributor.to_string()),
            generation: registration.map(|registration| registration.generation),
            first: range.first,
            last: range.last,
        }
    }
}

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

/// Appends the history in lines to a store. What the store has already changes nothing, and its own cursors stay where they
/// are ahead.
///
/// # Errors
/// The lines are not of this ledger and program, a line is wrong, or the store cannot be written. What stood in the lines
/// before is in the store then, and the cursors are not.
pub async fn import(
    store: &Store,
    writer: &mut Writer,
    lines: &mut (impl BufRead + Send),
) -> Result<Imported, ImportError> {
    let mut lines = lines.lines().enumerate();
    let (_, first) = lines.next().ok_or_else(|| wrong(0, "there is no line"))?;
    let header = header(&first?, writer.identity())?;
    let mut taken = Taken::default();
    let mut imported = Imported::default();
    for (at, line) in lines {
        taken.line(at, &line?)?;
        if taken.records.len() >= PAGE as usize {
            imported.add(&mut taken.records, writer).await?;
        }
    }
    imported.add(&mut taken.records, writer).await?;
    finish(store, writer, &header, &taken).await?;
    Ok(imported)
}

/// What lines said.
#[derive(Default)]
struct Taken {
    records: Vec<Record>,
    lost: Vec<Range>,
    letters: Vec<DeadLetter>,
}

impl Taken {
    fn line(&mut self, at: usize, text: &str) -> Result<(), ImportError> {
        let line: Line = serde_json::from_str(text)
            .map_err(|_| wrong(at, "it is no event, lost range or unreadable transaction"))?;
        match line {
            Line::Event {
                code,
                signature,
                index,
                place,
                is_final,
                data,
            } => self.records.push(Record {
                event: entry::event_from_text(&data)
                    .map_err(|_| wrong(at, format!("data `{data}` is no event")))?,
                code,
                signature: parse(at, "signature", &signature)?,
                index,
                place,
                is_final,
            }),
            Line::Lost { lost } => self.lost.push(range(at, &lost)?),
            Line::Unreadable { unreadable } => self.letters.push(DeadLetter {
                signature: parse(at, "signature", &unreadable.signature)?,
                slot: unreadable.slot,
                reason: unreadable.reason,
            }),
        }
        Ok(())
    }
}

impl Imported {
    async fn add(
        &mut self,
        records: &mut Vec<Record>,
        writer: &mut Writer,
    ) -> Result<(), ImportError> {
        let intake = Intake {
            records,
            dead_letters: &[],
            walked: None,
        };
        let appended = writer.append(intake).await?;
        self.events += records.len();
        self.new += appended.events;
        records.clear();
        Ok(())
    }
}

/// Takes over what stands behind the events, and the cursors that are ahead of the store's.
async fn finish(
    store: &Store,
    writer: &mut Writer,
    header: &Header,
    taken: &Taken,
) -> Result<(), ImportError> {
    let mut lost = store.lost_ranges().await?;
    lost.extend(&taken.lost);
    lost.sort_unstable_by(|one, other| other.cmp(one));
    // Of two that begin at one place the longer one stands first, and stays.
    lost.dedup_by_key(|range| (range.address, range.registration, range.first));
    writer.set_lost_ranges(&lost).await?;
    let cursors = [
        (Finality::Confirmed, &header.confirmed),
        (Finality::Final, &header.is_final),
    ];
    let mut letters = taken.letters.as_slice();
    for (finality, text) in cursors {
        let Some(text) = text else { continue };
        let cursor: Cursor = parse(0, "cursor", text)?;
        let own = writer.cursor(finality).await?;
        if own.is_some_and(|own| own.slot >= cursor.slot) {
            continue;
        }
        let walked = Walked {
            finality,
            cursor: &cursor,
            is_continuous: false,
        };
        let intake = Intake {
            records: &[],
            dead_letters: std::mem::take(&mut letters),
            walked: Some(walked),
        };
        writer.append(intake).await?;
    }
    let intake = Intake {
        records: &[],
        dead_letters: letters,
        walked: None,
    };
    writer.append(intake).await?;
    Ok(())
}

fn header(text: &str, identity: &Identity) -> Result<Header, ImportError> {
    let header: Header = serde_json::from_str(text)
        .map_err(|_| wrong(0, "it is not the first line of an exported history"))?;
    if header.schema_version != FORMAT {
        let version = header.schema_version;
        let problem = format!("schema_version {version}; this version reads {FORMAT}");
        return Err(wrong(0, problem));
    }
    let Identity { genesis, program } = identity;
    for (what, found, own) in [
        ("genesis", &header.genesis, genesis.to_string()),
        ("program", &header.program, program.to_string()),
    ] {
        if *found != own {
            return Err(wrong(
                0,
                format!("the {what} is {found}, and the store's is {own}"),
            ));
        }
    }
    Ok(header)
}

fn range(at: usize, json: &RangeJson) -> Result<Range, ImportError> {
    let registration = match (&json.contributor, json.generation) {
        (Some(contributor), Some(generation)) => Some(RegistrationKey {
            contributor: parse(at, "contributor", contributor)?,
            generation,
        }),
        _ => None,
    };
    Ok(Range {
        address: parse::<Pubkey>(at, "address", &json.address)?,
        registration,
        first: json.first,
        last: json.last,
    })
}

fn parse<T: FromStr>(at: usize, what: &str, text: &str) -> Result<T, ImportError> {
    let problem = || wrong(at, format!("`{text}` is no {what}"));
    text.parse().map_err(|_| problem())
}

/// What is wrong with a line, which is counted from 0 here.
fn wrong(at: usize, problem: impl Display) -> ImportError {
    ImportError::Line {
        line: at + 1,
        problem: problem.to_string(),
    }
}
