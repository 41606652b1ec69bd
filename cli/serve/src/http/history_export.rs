//! `history/export`: the history as lines, which a store takes.

use {
    super::{
        answer::link_next,
        documentation::{HistoryProblems, Problems},
        history::DEFAULT_LIMIT,
        history_cursor::{away, text, unavailable, Cursor},
        list::next_page,
        page::{limit, MAX_LIMIT},
        parameters::{pairs, unknown, Key, Values},
        problem::Problem,
        state::Shared,
    },
    crate::store::export_part,
    axum::{
        extract::State,
        http::{header, HeaderMap, HeaderValue, Uri},
        response::{IntoResponse, Response},
    },
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams,
    },
};

/// The media type of JSON lines.
pub const JSON_LINES: &str = "application/x-ndjson";

const KEYS: [Key; 2] = [
    Key {
        name: "after",
        values: Values::Place,
        help: "Only the lines behind this place: what the Link header's next has.",
    },
    Key {
        name: "limit",
        values: Values::Number(1, MAX_LIMIT as usize),
        help:
            "How many events at most, by default 1,000; the rest is behind the Link header's next.",
    },
];

/// As documentation has them.
pub struct ExportParams;

impl IntoParams for ExportParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        KEYS.iter().map(Key::documented).collect()
    }
}

/// Export the history
///
/// As JSON lines, which `ebb history import` takes. The first line says whose history it is and how far the ledger was read;
/// each further line is an event with its bytes, in the ledger's order, or, behind the last event, what is lost or cannot be
/// read. The pages of it, one after another, are what `ebb history export` prints of the store.
#[utoipa::path(
    get, path = "/api/v1/history/export", operation_id = "exportHistory", tag = "history",
    params(ExportParams),
    responses(
        (status = 200, description = "Lines", content_type = "application/x-ndjson", body = String),
        HistoryProblems, Problems,
    ),
)]
pub async fn export(State(shared): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    let (mut after, mut events) = (None, DEFAULT_LIMIT);
    for (name, value) in pairs(&uri)? {
        match name.as_str() {
            "after" => after = Some(Cursor::of_page(&name, &value)?),
            "limit" => events = limit(&name, &value)?,
            _ => return Err(unknown(&name, KEYS.map(|key| key.name))),
        }
    }
    let store = shared.history.now().store;
    let store = store.map_err(|reason| away(&reason))?;
    let after = match after {
        Some(after) => Some(after.place(&store, uri.path()).await?),
        None => None,
    };
    let part = export_part(&store, after, events);
    let part = part.await.map_err(unavailable)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_LINES));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let next = part.next.map(|next| next_page(&uri, &text(&store, next)));
    link_next(&mut headers, next.transpose()?.as_deref());
    Ok((headers, part.lines).into_response())
}
