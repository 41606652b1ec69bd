//! What happened to a device, newest first.

use {
    super::{
        super::{
            history_cursor::{text, unavailable, Cursor},
            history_find::numbers,
            problem::Problem,
            state::Shared,
        },
        change::change,
        part::{Moment, Signer, UserText},
    },
    crate::{
        ingest::audit_device,
        store::{Entry, RegistrationKey, Selection, Store, Subject},
    },
    ebb_sdk::{history::Tip, json::EventJson, text::escaped},
    solana_sdk::pubkey::Pubkey,
    std::collections::HashMap,
};

/// How many events a page has.
const EVENTS: u32 = 100;

/// A part of a history, or why there is none.
pub struct Timeline {
    /// Why the history cannot be read now.
    pub away: Option<String>,
    /// Why the history stands still; `None` while it goes on.
    pub problem: Option<String>,
    /// Whether it begins with the newest event.
    pub is_newest: bool,
    /// What happened, newest first.
    pub events: Vec<Happened>,
    /// What is missing, in words.
    pub gaps: Vec<String>,
    /// The cursor of what is older.
    pub older: Option<String>,
}

/// An event in the timeline.
pub struct Happened {
    /// When.
    pub time: Option<Moment>,
    /// What, in words.
    pub what: String,
    /// What it changed, in words.
    pub change: Option<String>,
    /// Who signed.
    pub by: Signer,
    /// Whether holds and budget were passed by force.
    pub is_forced: bool,
    /// Why.
    pub reason: Option<UserText>,
    /// Which registration of the code it is in, where that is known.
    pub registration: Option<usize>,
    /// The account's mutations so far.
    pub sequence: u64,
    /// In which slot.
    pub slot: u64,
    /// The transaction.
    pub signature: String,
    /// Whether the ledger can no longer drop it.
    pub is_final: bool,
}

/// Whose timeline, and which part of it.
pub struct TimelineQuery<'a> {
    /// The device's address.
    pub device: &'a Pubkey,
    /// How far its account is, if it is there.
    pub head: Option<Tip>,
    /// Only what stands before this place.
    pub before: Option<&'a str>,
    /// The ledger's time, in Unix seconds.
    pub now: i64,
}

impl Timeline {
    /// Reads a part of a history. One that is away is no problem, as the state is shown all the same.
    ///
    /// # Errors
    /// The cursor.
    pub async fn read(shared: &Shared, wanted: TimelineQuery<'_>) -> Result<Self, Problem> {
        let before = wanted
            .before
            .map(|it| Cursor::of_page("before", it))
            .transpose()?;
        let reached = shared.history.now();
        let store = match reached.store {
            Ok(store) => store,
            Err(reason) => return Ok(Self::away(&wanted, &reason)),
        };
        let place = match before {
            Some(before) => Some(before.place(&store, "/").await?),
            None => None,
        };
        let selection = Selection {
            subject: Some(Subject::Address(*wanted.device)),
            since: None,
        };
        let entries = store.history_before(&selection, place, EVENTS + 1).await;
        let read = match entries {
            Ok(entries) => Self::of(&store, &wanted, entries, reached.problem).await,
            Err(error) => Err(unavailable(error)),
        };
        Ok(read.unwrap_or_else(|problem| Self::away(&wanted, problem.detail())))
    }

    /// Whether nothing is known to have happened.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.gaps.is_empty()
    }

    fn away(wanted: &TimelineQuery<'_>, reason: &str) -> Self {
        Self {
            away: Some(escaped(reason).into_owned()),
            problem: None,
            is_newest: wanted.before.is_none(),
            events: vec![],
            gaps: vec![],
            older: None,
        }
    }

    async fn of(
        store: &Store,
        wanted: &TimelineQuery<'_>,
        mut entries: Vec<Entry>,
        problem: Option<String>,
    ) -> Result<Self, Problem> {
        let has_more = entries.len() > EVENTS as usize;
        entries.truncate(EVENTS as usize);
        let numbers = numbers(store, wanted.device).await?;
        let last = entries.last().filter(|_| has_more);
        let events = entries.iter();
        Ok(Self {
            away: None,
            problem: problem.map(|reason| escaped(&reason).into_owned()),
            is_newest: wanted.before.is_none(),
            older: last.map(|last| text(store, last.place)),
            gaps: gaps(store, wanted, &numbers).await?,
            events: events
                .map(|it| Happened::of(it, &numbers, wanted.now))
                .collect(),
        })
    }
}

/// What the history lacks of a device, in words.
async fn gaps(
    store: &Store,
    wanted: &TimelineQuery<'_>,
    numbers: &HashMap<RegistrationKey, usize>,
) -> Result<Vec<String>, Problem> {
    let missing = audit_device(store, wanted.device, wanted.head.as_ref()).await;
    let missing = missing.map_err(unavailable)?;
    let gap = |(range, is_lost): &(crate::store::Range, bool)| {
        let events = if range.first == range.last {
            format!("event {}", range.first)
        } else {
            format!("events {} to {}", range.first, range.last)
        };
        let number = range.registration.and_then(|key| numbers.get(&key));
        let of = match number {
            Some(number) => format!("registration {number}"),
            None => "an unknown registration".to_owned(),
        };
        let fate = if *is_lost {
            ", which no node has any more"
        } else {
            ""
        };
        format!("{events} of {of}{fate}")
    };
    Ok(missing.iter().map(gap).collect())
}

impl Happened {
    fn of(entry: &Entry, numbers: &HashMap<RegistrationKey, usize>, now: i64) -> Self {
        let (json, event) = (EventJson::from(&entry.record), &entry.record.event);
        Self {
            time: Moment::new(event.time, now),
            what: json.event.replace('-', " "),
            change: change(event),
            by: Signer::new(event.role, &event.actor),
            is_forced: event.forced,
            reason: UserText::given(event.reason.as_str().unwrap_or_default()),
            registration: entry
                .registration
                .and_then(|key| numbers.get(&key))
                .copied(),
            sequence: event.sequence,
            slot: event.slot,
            signature: json.signature,
            is_final: entry.record.is_final,
        }
    }
}
