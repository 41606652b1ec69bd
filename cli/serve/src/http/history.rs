//! `history`, and that of a device.

use {
    super::{
        answer::{full, has, jitter, not_modified},
        document::{Document, SCHEMA_VERSION},
        documentation::{HistoryProblems, Problems, Unchanged},
        history_cursor::{away, text, unavailable, Cursor},
        history_find::{DeviceHistory, HistoryPage, Wanted},
        page::{limit, wait, MAX_LIMIT, WAIT},
        parameters::{pairs, unknown, wrong_value, Key, Values},
        problem::Problem,
        state::Shared,
    },
    crate::store::{Place, Selection, Store, Subject},
    axum::{
        extract::{Path, State},
        http::{HeaderMap, Uri},
        response::Response,
    },
    ebb_sdk::{history::Tip, ledger::Finality, pda, time, value},
    jiff::Timestamp,
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
    std::time::Duration,
    tokio::time::{sleep, sleep_until, Instant},
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams, ToSchema,
    },
};

/// How many events a page has where the request does not say.
pub const DEFAULT_LIMIT: u32 = 1_000;

/// The parameters of a history.
const KEYS: [Key; 4] = [
    Key {
        name: "since",
        values: Values::Since,
        help: "Only what happened since then: a time with its offset from UTC, or a duration ago.",
    },
    Key {
        name: "after",
        values: Values::Place,
        help: "Only what stands behind this place: what the Link header's next has.",
    },
    Key {
        name: "limit",
        values: Values::Number(1, MAX_LIMIT as usize),
        help:
            "How many events at most, by default 1,000; the rest is behind the Link header's next.",
    },
    WAIT,
];

/// As documentation has them.
pub struct HistoryParams;

impl IntoParams for HistoryParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        KEYS.iter().map(Key::documented).collect()
    }
}

/// How far the history is that an answer was made from.
#[derive(Serialize, ToSchema)]
pub struct HistoryStamp {
    /// The version of the document's shape.
    schema_version: u32,
    /// The slot up to which what is confirmed was read.
    slot: u64,
    /// The slot up to which what is final was read.
    final_slot: u64,
    /// Where `/api/v1/history/events` goes on without a gap.
    cursor: String,
}

/// The shape of an answer.
#[expect(
    dead_code,
    reason = "the documentation's alone: results are kept as JSON"
)]
#[derive(ToSchema)]
pub struct HistoryAnswer<T> {
    #[schema(inline)]
    #[serde(flatten)]
    stamp: HistoryStamp,
    #[serde(flatten)]
    result: T,
}

impl HistoryStamp {
    /// Read before the events: what is appended between the two is in both.
    async fn of(store: &Store) -> Result<Self, Problem> {
        let slot = async |finality| {
            let cursor = store.cursor(finality).await.map_err(unavailable)?;
            Ok::<_, Problem>(cursor.unwrap_or_default().slot)
        };
        let position = store.position().await.map_err(unavailable)?;
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            slot: slot(Finality::Confirmed).await?,
            final_slot: slot(Finality::Final).await?,
            cursor: text(store, position),
        })
    }

    fn headers(&self) -> [(&'static str, String); 3] {
        [
            ("ebb-slot", self.slot.to_string()),
            ("ebb-final-slot", self.final_slot.to_string()),
            ("ebb-cursor", self.cursor.clone()),
        ]
    }
}

/// List what happened
///
/// To the registry, contributors, locations and devices, in the ledger's order. What a fork dropped is left out. Each account
/// counts what happens to it: what the history lacks is named.
#[utoipa::path(
    get, path = "/api/v1/history", operation_id = "listHistory", tag = "history",
    params(HistoryParams),
    responses(
        (status = 200, description = "Events", body = HistoryAnswer<HistoryPage>),
        Unchanged, HistoryProblems, Problems,
    ),
)]
pub async fn list(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer(&shared, &uri, &headers, None).await
}

/// List what happened to a device
///
/// In all registrations of its code, those that were removed too, as `ebb device history` has it. The device counts what
/// happens to it: what the history lacks is named.
#[utoipa::path(
    get, path = "/api/v1/devices/{code}/history", operation_id = "getDeviceHistory", tag = "history",
    params(("code" = String, Path, description = "The device's code, or its address"), HistoryParams),
    responses(
        (status = 200, description = "Events", body = HistoryAnswer<DeviceHistory>),
        Unchanged, HistoryProblems, Problems,
    ),
)]
pub async fn of_device(
    State(shared): State<Shared>,
    Path(code): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let address = match value::check_code(&code) {
        Ok(()) => pda::device(shared.client.program_id(), &code).0,
        Err(_) => code.parse().map_err(|_| {
            let code: String = code.chars().take(80).collect();
            Problem::not_found(format!("there is no device `{code}`"))
        })?,
    };
    answer(&shared, &uri, &headers, Some(address)).await
}

/// Answers with what happened, to one device or to anything, or 304 if the client has it and it does not change while the
/// client waits.
async fn answer(
    shared: &Shared,
    uri: &Uri,
    headers: &HeaderMap,
    device: Option<Pubkey>,
) -> Result<Response, Problem> {
    let asked = HistoryQuery::of(shared, uri)?;
    let mut reached = shared.history.subscribe();
    let until = Instant::now() + asked.wait;
    loop {
        let now = reached.borrow_and_update().clone();
        let store = now.store.map_err(|reason| away(&reason))?;
        let after = match &asked.after {
            Some(after) => Some(after.place(&store, uri.path()).await?),
            None => None,
        };
        let wanted = Wanted {
            uri,
            selection: Selection {
                subject: device.map(Subject::Address),
                since: asked.since,
            },
            after,
            limit: asked.limit,
            problem: now.problem,
        };
        let stamp = HistoryStamp::of(&store).await?;
        let found = match device {
            Some(device) => {
                let head = head(shared, &device);
                wanted.of_device(&store, &device, head.as_ref()).await?
            }
            None => {
                let missing = now.status.and_then(|status| status.missing);
                wanted.all(&store, missing.as_deref()).await?
            }
        };
        if !has(headers, &found) {
            let document = Document::new(&stamp, &found.result);
            return Ok(full(stamp.headers(), document, &found));
        }
        tokio::select! {
            _ = reached.changed() => {}
            () = sleep_until(until) => return Ok(not_modified(stamp.headers(), &found)),
            () = shared.closing() => return Ok(not_modified(stamp.headers(), &found)),
        }
        sleep(jitter()).await;
    }
}

/// What a query asks for.
struct HistoryQuery {
    since: Option<i64>,
    after: Option<Cursor<Place>>,
    limit: u32,
    wait: Duration,
}

impl HistoryQuery {
    fn of(shared: &Shared, uri: &Uri) -> Result<Self, Problem> {
        let mut asked = Self {
            since: None,
            after: None,
            limit: DEFAULT_LIMIT,
            wait: Duration::ZERO,
        };
        for (name, value) in pairs(uri)? {
            match name.as_str() {
                "since" => asked.since = Some(since(shared, &name, &value)?),
                "after" => asked.after = Some(Cursor::of_page(&name, &value)?),
                "limit" => asked.limit = limit(&name, &value)?,
                "wait" => asked.wait = wait(&name, &value)?,
                _ => return Err(unknown(&name, KEYS.map(|key| key.name))),
            }
        }
        Ok(asked)
    }
}

/// How far a device's account is, if it is there.
fn head(shared: &Shared, device: &Pubkey) -> Option<Tip> {
    let view = shared.views.newest()?;
    view.devices.at(device).map(|device| Tip::from(&**device))
}

/// A time, or that so long before the ledger's.
fn since(shared: &Shared, name: &str, value: &str) -> Result<i64, Problem> {
    let since = time::since(value).map_err(|right| wrong_value(name, value, right))?;
    let view = shared.views.newest();
    let now = view.map_or_else(|| Timestamp::now().as_second(), |view| view.time);
    Ok(since.before(now))
}
