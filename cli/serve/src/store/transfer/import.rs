//! From lines into a store.

use {
    super::{
        super::{
            append::{Intake, Walked},
            entry, DeadLetter, Identity, Range, RegistrationKey, Store, StoreError, Writer,
        },
        line::{Header, Line, RangeJson, FORMAT, PAGE},
    },
    ebb_sdk::{
        history::{Cursor, Record},
        ledger::Finality,
    },
    solana_sdk::pubkey::Pubkey,
    std::{
        fmt::Display,
        io::{self, BufRead},
        str::FromStr,
    },
};

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
