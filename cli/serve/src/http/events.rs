//! `events` and `watch`: changes of devices as they are read.

use {
    super::{
        documentation::{Problems, StreamProblems},
        feed::{begin, Listing},
        filter::{self, Filter, FilterParams},
        parameters::{documented, pairs, unknown, wrong_value, Values},
        problem::Problem,
        state::Shared,
    },
    crate::view::{Position, View},
    axum::{
        extract::State,
        http::{header, HeaderMap, StatusCode, Uri},
        response::Response,
    },
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams,
    },
};

/// Where a client that lost its position begins again.
const LIST_AGAIN: &str = "</api/v1/watch>; rel=\"alternate\"";

/// Stream changes of devices
///
/// Server-sent events: `device` with the device as JSON has it, when it changed or came to pass the filters; `removed`
/// with its code, when it was removed or no longer passes; `location` and `contributor`, as their lists have them, when one
/// changed that the filters of that name admit, and `registry`, when that changed, behind which the devices come that changed
/// with them; `resync`, when this client was too slow: list again. Clients ignore events that they do not know, as others may be added. An id
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
/// As `events`, behind a `device` event for each device that passes the filters, and one `listed` with how many they are, and
/// the slot and the ledger's time when they were read.
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
    begin(shared, filter, after, Some(Listing::new(view)))
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
    if filter.is_timed() {
        return Err(Problem::bad_request(
            "draining-longer-than, overdue and blocked change with the time and not with the device; ask for the list \
             with If-None-Match and wait instead",
        ));
    }
    Ok((filter, after))
}

fn position(name: &str, value: &str) -> Result<Position, Problem> {
    let wrong = |()| wrong_value(name, value, "right is the id of an event of this stream");
    value.parse().map_err(wrong)
}
