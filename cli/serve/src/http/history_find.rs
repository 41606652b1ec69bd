//! What a query finds in the history.

use {
    super::{
        document::Found,
        history_cursor::{text, unavailable},
        list::next_page,
        problem::Problem,
    },
    crate::{
        ingest::{audit_device, Missing},
        store::{Entry, Place, Range, RegistrationKey, Selection, Store, Subject},
    },
    axum::http::Uri,
    ebb_sdk::{history::Tip, json::EventJson},
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
    std::collections::HashMap,
    utoipa::ToSchema,
};

/// What happened, in the ledger's order. What a fork dropped is not among it.
#[derive(Serialize, ToSchema)]
pub struct HistoryPage {
    /// The events.
    events: Vec<EntryJson>,
    /// Whether nothing was missing when the history was last compared with the accounts, once a minute; null before the
    /// first time, and while the history stands still.
    complete: Option<bool>,
    /// What was missing then, the first 1,000 of it.
    gaps: Vec<AccountGapJson>,
    /// How many gaps there were then; null where complete is.
    gap_count: Option<usize>,
    /// Why the history stands still, so that what happened since is not in it; null while it goes on.
    problem: Option<String>,
}

/// How many gaps a page names at most.
const NAMED_GAPS: usize = 1_000;

/// Events of an account that the history lacks.
#[derive(Serialize, ToSchema)]
struct AccountGapJson {
    /// The account's code, if an event that is there has it.
    code: Option<String>,
    /// Its address.
    address: String,
    /// Of a device, in which of its contributor's registrations, if that is known.
    generation: Option<u64>,
    /// The first sequence.
    from: u64,
    /// The last one, inclusive.
    to: u64,
    /// Whether no node has them any more.
    lost: bool,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub struct EntryJson {
    /// Of a device, which of its contributor's registrations it is in, if the begin of that is known.
    generation: Option<u64>,
    #[serde(flatten)]
    event: EventJson,
}

impl From<&Entry> for EntryJson {
    fn from(entry: &Entry) -> Self {
        Self {
            generation: entry.registration.map(|key| key.generation),
            event: EventJson::from(&entry.record),
        }
    }
}

/// What happened to a device, in the ledger's order, in all registrations of its code.
#[derive(Serialize, ToSchema)]
pub struct DeviceHistory {
    /// The events.
    events: Vec<DeviceEntryJson>,
    /// Whether there is no gap: each registration's sequences run from 1 to its last.
    complete: bool,
    /// The sequences that the history lacks.
    gaps: Vec<GapJson>,
    /// Why the history stands still, so that what happened since is not in it; null while it goes on.
    problem: Option<String>,
}

/// An event of a device.
#[derive(Serialize, ToSchema)]
struct DeviceEntryJson {
    /// Which registration of the device's code it is in, from 1, if the begin of that is known.
    registration: Option<usize>,
    #[serde(flatten)]
    event: EventJson,
}

/// Events of a device that the history lacks.
#[derive(Serialize, ToSchema)]
struct GapJson {
    /// In which registration of the device's code, from 1, if that is known.
    registration: Option<usize>,
    /// The first sequence.
    from: u64,
    /// The last one, inclusive.
    to: u64,
    /// Whether no node has them any more.
    lost: bool,
}

/// What of the history is wanted.
pub struct Wanted<'a> {
    /// The request's address.
    pub uri: &'a Uri,
    /// What to read.
    pub selection: Selection,
    /// Only what stands behind this place.
    pub after: Option<Place>,
    /// How many events at most.
    pub limit: u32,
    /// Why the history stands still; `None` while it goes on.
    pub problem: Option<String>,
}

impl Wanted<'_> {
    /// The events, as many as there may be, and the address of the next page.
    async fn page(&self, store: &Store) -> Result<(Vec<Entry>, Option<String>), Problem> {
        let limit = self.limit.saturating_add(1);
        let page = store.history(&self.selection, self.after, limit).await;
        let mut page = page.map_err(unavailable)?;
        let has_more = page.len() > self.limit as usize;
        page.truncate(self.limit as usize);
        let last = page.last().filter(|_| has_more);
        let last = last.map(|last| text(store, last.place));
        let next = last.map(|last| next_page(self.uri, &last)).transpose()?;
        Ok((page, next))
    }

    /// What happened to anything; `missing` is what the history lacked when it was last compared, if it was.
    pub async fn all(&self, store: &Store, missing: Option<&Missing>) -> Result<Found, Problem> {
        let (page, next) = self.page(store).await?;
        // A history that stands still is compared with nothing.
        let missing = missing.filter(|_| self.problem.is_none());
        let history = HistoryPage {
            events: page.iter().map(EntryJson::from).collect(),
            complete: missing.map(Vec::is_empty),
            gaps: gaps(store, missing.map_or(&[], Vec::as_slice)).await?,
            gap_count: missing.map(Vec::len),
            problem: self.problem.clone(),
        };
        Found::new(&history, next)
    }

    /// What happened to a device; `head` is how far its account is, if it is there.
    pub async fn of_device(
        &self,
        store: &Store,
        device: &Pubkey,
        head: Option<&Tip>,
    ) -> Result<Found, Problem> {
        let (page, next) = self.page(store).await?;
        let missing = audit_device(store, device, head).await;
        let missing = missing.map_err(unavailable)?;
        let is_known = head.is_some() || !page.is_empty() || !missing.is_empty();
        if !is_known && !has_any(store, device).await? {
            return Err(Problem::not_found(
                "there is no such device, and there never was as far as the history goes",
            ));
        }
        let numbers = numbers(store, device).await?;
        let number = |key: Option<RegistrationKey>| numbers.get(&key?).copied();
        let gaps = missing.iter().map(|(range, is_lost)| GapJson {
            registration: number(range.registration),
            from: range.first,
            to: range.last,
            lost: *is_lost,
        });
        let events = page.iter().map(|entry| DeviceEntryJson {
            registration: number(entry.registration),
            event: EventJson::from(&entry.record),
        });
        let history = DeviceHistory {
            events: events.collect(),
            complete: missing.is_empty(),
            gaps: gaps.collect(),
            problem: self.problem.clone(),
        };
        Found::new(&history, next)
    }
}

/// What is missing, as many ranges as a page names, each with the code of its account.
async fn gaps(store: &Store, missing: &[(Range, bool)]) -> Result<Vec<AccountGapJson>, Problem> {
    let missing = missing.get(..NAMED_GAPS).unwrap_or(missing);
    let addresses = missing.iter().map(|(range, _)| range.address).collect();
    let codes = store.codes_of(&addresses).await.map_err(unavailable)?;
    let gap = |(range, is_lost): &(Range, bool)| AccountGapJson {
        code: codes.get(&range.address).cloned(),
        address: range.address.to_string(),
        generation: range.registration.map(|key| key.generation),
        from: range.first,
        to: range.last,
        lost: *is_lost,
    };
    Ok(missing.iter().map(gap).collect())
}

/// Whether the history has an event of an account.
async fn has_any(store: &Store, address: &Pubkey) -> Result<bool, Problem> {
    let selection = Selection {
        subject: Some(Subject::Address(*address)),
        since: None,
    };
    let first = store.history(&selection, None, 1).await;
    Ok(!first.map_err(unavailable)?.is_empty())
}

/// The registrations of a device by their numbers, from 1.
pub async fn numbers(
    store: &Store,
    device: &Pubkey,
) -> Result<HashMap<RegistrationKey, usize>, Problem> {
    let registrations = store.registrations(device).await.map_err(unavailable)?;
    let keys = registrations.iter().filter_map(|head| head.registration);
    Ok(keys.map(RegistrationKey::from).zip(1..).collect())
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::store::tests::{
            append, open,
            tape::{created, device},
        },
        ebb_sdk::ledger::Finality,
        serde_json::{json, Value},
    };

    #[tokio::test]
    async fn a_page_names_the_first_gaps_and_counts_them_all() {
        let dir = tempfile::tempdir().unwrap();
        let (store, mut writer) = open(&dir, "a").await;
        let records = [created(device(10), 7, 100), created(device(11), 8, 101)];
        append(&mut writer, Finality::Final, 101, &records).await;
        let gap = |at: u64| {
            let range = Range {
                address: device(if at == 0 { 10 } else { 12 }),
                registration: None,
                first: 2 * at + 2,
                last: 2 * at + 2,
            };
            (range, at == 0)
        };
        let uri = Uri::from_static("/api/v1/history");
        let wanted = Wanted {
            uri: &uri,
            selection: Selection::default(),
            after: None,
            limit: 1,
            problem: None,
        };
        let found = async |missing: Option<Missing>| {
            let found = wanted.all(&store, missing.as_ref()).await.unwrap();
            serde_json::from_slice::<Value>(&found.result).unwrap()
        };
        for (count, named) in [(0, 0), (1, 1), (1_000, 1_000), (1_001, 1_000)] {
            let page = found(Some((0..count).map(gap).collect())).await;
            let gaps = page["gaps"].as_array().unwrap();
            let [complete, gap_count] = ["complete", "gap_count"].map(|key| &page[key]);
            assert_eq!(
                (complete, gap_count, gaps.len()),
                (&json!(count == 0), &json!(count), named)
            );
            let codes: Vec<_> = gaps.iter().map(|gap| &gap["code"]).take(2).collect();
            assert_eq!(codes, [&json!("dz10"), &Value::Null][..named.min(2)]);
        }
        let page = found(None).await;
        let [complete, gap_count] = ["complete", "gap_count"].map(|key| &page[key]);
        assert_eq!((complete, gap_count), (&Value::Null, &Value::Null));
    }

    #[tokio::test]
    async fn a_history_that_stands_still_says_why_and_is_not_called_complete() {
        let dir = tempfile::tempdir().unwrap();
        let (store, mut writer) = open(&dir, "a").await;
        let records = [created(device(10), 7, 100)];
        append(&mut writer, Finality::Final, 100, &records).await;
        let uri = Uri::from_static("/api/v1/history");
        let refused = "http://node answered: no history (-32011)";
        for (problem, complete) in [(None, json!(true)), (Some(refused), Value::Null)] {
            let wanted = Wanted {
                uri: &uri,
                selection: Selection::default(),
                after: None,
                limit: 1,
                problem: problem.map(str::to_owned),
            };
            let whole = wanted.all(&store, Some(&vec![])).await.unwrap();
            let of_device = wanted.of_device(&store, &device(10), None).await.unwrap();
            let [whole, of_device] = [whole, of_device]
                .map(|found| serde_json::from_slice::<Value>(&found.result).unwrap());
            assert_eq!(whole["complete"], complete);
            for page in [whole, of_device] {
                assert_eq!(page["problem"], json!(problem));
                assert_eq!(page["events"].as_array().unwrap().len(), 1);
            }
        }
    }
}
