//! `events` and `watch`: changes of devices as they are read.

use {
    super::{
        documentation::{Problems, StreamProblems},
        filter::{self, Filter, FilterParams},
        parameters::{documented, pairs, unknown, wrong_value, Values},
        problem::Problem,
        state::Shared,
    },
    crate::{
        metrics::Metrics,
        view::{Change, Position, View},
    },
    axum::{
        extract::State,
        http::{header, HeaderMap, StatusCode, Uri},
        response::{
            sse::{Event, Sse},
            IntoResponse, Response,
        },
    },
    ebb_sdk::{client::Keyed, state::Device},
    futures_util::stream,
    serde::Serialize,
    std::{
        collections::VecDeque,
        convert::Infallible,
        ops::Bound::{Excluded, Unbounded},
        sync::Arc,
        time::Duration,
    },
    tokio::{
        sync::{watch, OwnedSemaphorePermit},
        time::{sleep_until, Instant},
    },
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams,
    },
};

/// How often a quiet stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Where a client that lost its position begins again.
const LIST_AGAIN: &str = "</api/v1/watch>; rel=\"alternate\"";

/// Stream changes of devices
///
/// Server-sent events: `device` with the device as JSON has it, when it changed or came to pass the filters; `removed`
/// with its code, when it was removed or no longer passes; `resync`, when this client was too slow: list again. An id
/// stands where all that was read at one time is complete; with `Last-Event-ID`, or `after`, the stream goes on strictly
/// behind it. An id of another server or an old one is answered with 410. Filters that depend on the time are not for
/// streams: use `wait` with the list.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "streamEvents", tag = "devices",
    params(FilterParams, AfterParams),
    responses(
        (status = 200, description = "Events", content_type = "text/event-stream", body = String),
        StreamProblems, Problems,
    ),
)]
pub async fn events(
    state: State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let State(shared) = state;
    let view = shared.view().await?;
    let (filter, mut after) = parameters(&shared, &uri, &view, true)?;
    if let Some(id) = headers.get("last-event-id") {
        let id = id.to_str().unwrap_or_default();
        after = Some(position("Last-Event-ID", id)?);
    }
    let after = after.unwrap_or_else(|| shared.views.position(view.version));
    if shared.views.changes(&after, view.version).is_none() {
        let detail =
            "the position is another server's, or too old: list again, and go on from there";
        let problem = Problem::new(StatusCode::GONE, detail);
        return Err(problem.with_header(header::LINK, LIST_AGAIN));
    }
    begin(shared, filter, after, None)
}

/// List devices, then stream their changes
///
/// As `events`, behind a `device` event for each device that passes the filters, and one `listed`.
#[utoipa::path(
    get, path = "/api/v1/watch", operation_id = "watchDevices", tag = "devices",
    params(FilterParams),
    responses(
        (status = 200, description = "Events", content_type = "text/event-stream", body = String),
        Problems,
    ),
)]
pub async fn watch(State(shared): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    let view = shared.view().await?;
    let (filter, _) = parameters(&shared, &uri, &view, false)?;
    let after = shared.views.position(view.version);
    begin(
        shared,
        filter,
        after,
        Some(Listing {
            view,
            last: None,
            count: 0,
        }),
    )
}

/// As documentation has it.
pub struct AfterParams;

impl IntoParams for AfterParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let help =
            "The id behind which the stream goes on; as the header Last-Event-ID, which wins.";
        vec![documented("after", Values::Position, help)]
    }
}

fn parameters(
    shared: &Shared,
    uri: &Uri,
    view: &View,
    takes_after: bool,
) -> Result<(Filter, Option<Position>), Problem> {
    let (mut filter, mut after) = (Filter::default(), None);
    for (name, value) in pairs(uri)? {
        if name == "after" && takes_after {
            after = Some(position(&name, &value)?);
        } else if !filter.take(&name, &value, shared.client.program_id(), view)? {
            let names: Vec<String> = filter::names().collect();
            let known = names.iter().map(String::as_str);
            return Err(unknown(&name, known.chain(takes_after.then_some("after"))));
        }
    }
    match filter.is_timed() {
        true => Err(Problem::bad_request(
            "draining-longer-than, overdue and blocked change with the time and not with the device; ask for the list \
             with If-None-Match and wait instead",
        )),
        false => Ok((filter, after)),
    }
}

fn position(name: &str, value: &str) -> Result<Position, Problem> {
    let wrong = |()| wrong_value(name, value, "right is the id of an event of this stream");
    value.parse().map_err(wrong)
}

fn begin(
    shared: Shared,
    filter: Filter,
    after: Position,
    listing: Option<Listing>,
) -> Result<Response, Problem> {
    let permit = Arc::clone(&shared.streams).try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("too many streams are open", 5))?;
    let feed = Feed {
        newest: shared.views.subscribe(),
        open: Open::new(&shared.metrics, permit),
        pending: VecDeque::new(),
        heartbeat_at: Instant::now() + HEARTBEAT,
        has_ended: false,
        shared,
        filter,
        after,
        listing,
    };
    let events = stream::unfold(feed, Feed::next);
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    Ok((uncached, Sse::new(events)).into_response())
}

/// A stream that is open, which is counted.
struct Open {
    metrics: Arc<Metrics>,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    fn new(metrics: &Arc<Metrics>, permit: OwnedSemaphorePermit) -> Self {
        metrics.sse_clients.inc();
        Self {
            metrics: Arc::clone(metrics),
            _permit: permit,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.metrics.sse_clients.dec();
    }
}

/// How far a list has come.
struct Listing {
    view: Arc<View>,
    last: Option<String>,
    count: usize,
}

/// One client's stream. It holds no more than the changes of one view: a client that does not read falls behind the
/// changes that are kept, and is told to list again.
struct Feed {
    shared: Shared,
    filter: Filter,
    after: Position,
    listing: Option<Listing>,
    newest: watch::Receiver<Option<Arc<View>>>,
    pending: VecDeque<Event>,
    /// When a quiet stream says that it is there.
    heartbeat_at: Instant,
    has_ended: bool,
    open: Open,
}

#[derive(Serialize)]
struct Removed<'a> {
    code: &'a str,
    address: String,
}

#[derive(Serialize)]
struct Listed {
    count: usize,
}

impl Feed {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.pending.pop_front().or_else(|| self.listed()) {
                self.heartbeat_at = Instant::now() + HEARTBEAT;
                return Some((Ok(event), self));
            }
            if self.has_ended || *self.shared.closing.borrow() {
                return None;
            }
            tokio::select! {
                () = self.shared.closing() => return None,
                () = sleep_until(self.heartbeat_at) => {
                    // An id without data is no event, and keeps the client's position fresh.
                    let heartbeat = Event::default().id(self.after.to_string());
                    self.pending.push_back(heartbeat);
                }
                _ = self.newest.changed() => self.take_changes(),
            }
        }
    }

    /// The next event of the list.
    fn listed(&mut self) -> Option<Event> {
        let listing = self.listing.as_mut()?;
        let view = Arc::clone(&listing.view);
        let from = listing.last.as_deref().map_or(Unbounded, Excluded);
        let mut devices = view.devices.by_code.range::<str, _>((from, Unbounded));
        let found = devices.find(|(_, device)| self.filter.admits(&view, &device.account));
        match found {
            Some((code, device)) => {
                listing.last = Some(code.clone());
                listing.count += 1;
                Some(device_event(&view, device))
            }
            None => {
                let count = listing.count;
                self.listing = None;
                let event = event("listed", &Listed { count });
                Some(event.id(self.after.to_string()))
            }
        }
    }

    fn take_changes(&mut self) {
        let Some(view) = self.newest.borrow_and_update().clone() else {
            return;
        };
        let Some(changes) = self.shared.views.changes(&self.after, view.version) else {
            self.open.metrics.sse_dropped.inc();
            self.has_ended = true;
            self.pending
                .push_back(event("resync", &serde_json::json!({})));
            return;
        };
        for (version, changes) in changes {
            let events = changes.iter();
            let mut events: Vec<Event> = events
                .filter_map(|change| self.event_of(&view, change))
                .collect();
            let id = self.shared.views.position(version).to_string();
            if let Some(last) = events.pop() {
                events.push(last.id(id));
            }
            self.pending.extend(events);
        }
        self.after = self.shared.views.position(view.version);
    }

    /// What a change is for this client.
    fn event_of(&self, view: &View, change: &Change) -> Option<Event> {
        let admits = |device: &&Arc<Keyed<Device>>| self.filter.admits(view, &device.account);
        let before = change.before.as_ref().filter(admits);
        let after = change.after.as_ref().filter(admits);
        match (before, after) {
            (_, Some(device)) => Some(device_event(view, device)),
            (Some(device), None) => {
                let (code, address) = (device.account.code.as_str(), device.address.to_string());
                Some(event("removed", &Removed { code, address }))
            }
            (None, None) => None,
        }
    }
}

fn device_event(view: &View, device: &Keyed<Device>) -> Event {
    view.with_json(device, |json| event("device", &json))
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // Text and numbers only, which are always JSON.
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(data)
}
