//! `history/events`: what the history has appended, as it does.

use {
    super::{
        documentation::{HistoryProblems, Problems},
        history_cursor::{away, text, unavailable, Cursor},
        history_find::EntryJson,
        parameters::{documented, pairs, unknown, Values},
        problem::Problem,
        state::Shared,
        stream::{respond, Feed, Next, Open, SseEvent},
    },
    crate::{
        ingest::Reached,
        store::{Entry, Selection, Store, StoreError},
    },
    axum::{
        body::Bytes,
        extract::State,
        http::{HeaderMap, Uri},
        response::Response,
    },
    std::collections::VecDeque,
    tokio::sync::watch,
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams,
    },
};

/// How many entries are read at once.
const PAGE: u32 = 100;

/// Stream what happens
///
/// Server-sent events: `happened` with the event as the list has it, and `retracted` with one that was sent before and whose
/// transaction a fork dropped. Each has an id; with it as `Last-Event-ID`, or as `after`, the stream goes on strictly behind
/// it, also after the server was started anew. A list's `cursor` does too, so that nothing is missed between the two. A
/// client that reads slowly gets everything, later.
#[utoipa::path(
    get, path = "/api/v1/history/events", operation_id = "streamHistory", tag = "history",
    params(CursorParams),
    responses(
        (status = 200, description = "Events", content_type = "text/event-stream", body = String),
        HistoryProblems, Problems,
    ),
)]
pub async fn events(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut after = None;
    for (name, value) in pairs(&uri)? {
        match name.as_str() {
            "after" => after = Some(Cursor::of_stream(&name, &value)?),
            _ => return Err(unknown(&name, ["after"])),
        }
    }
    if let Some(id) = headers.get("last-event-id") {
        let id = id.to_str().unwrap_or_default();
        after = Some(Cursor::of_stream("Last-Event-ID", id)?);
    }
    let mut reached = shared.history.subscribe();
    let store = reached.borrow_and_update().store.clone();
    let store = store.map_err(|reason| away(&reason))?;
    let after = match after {
        Some(after) => after.position(&store).await?,
        None => store.position().await.map_err(unavailable)?,
    };
    let appended = AppendedEntries {
        pending: VecDeque::new(),
        may_have_more: true,
        reached,
        store,
        after,
    };
    let open = Open::new(&shared)?;
    Ok(respond(shared, open, appended))
}

/// As documentation has it.
pub struct CursorParams;

impl IntoParams for CursorParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let help = "The id or cursor behind which the stream goes on; as the header Last-Event-ID, which wins.";
        vec![documented("after", Values::Position, help)]
    }
}

/// One client's stream. It reads from the store only what the client takes, so that it holds no more than a page.
struct AppendedEntries {
    store: Store,
    reached: watch::Receiver<Reached>,
    /// The position of the last entry that was read.
    after: i64,
    may_have_more: bool,
    pending: VecDeque<Bytes>,
}

impl Feed for AppendedEntries {
    async fn next(&mut self) -> Next {
        // The client comes back, and hears what is wrong with the store.
        if self.pending.is_empty() && self.may_have_more && self.read().await.is_err() {
            return Next::End;
        }
        match self.pending.pop_front() {
            Some(event) => Next::Event(event),
            None => Next::Nothing,
        }
    }

    async fn changed(&mut self) -> bool {
        let goes_on = self.reached.changed().await.is_ok();
        let reached = self.reached.borrow_and_update();
        let newest = reached.status.as_ref().map(|status| status.position);
        self.may_have_more = newest.is_some_and(|newest| newest > self.after);
        // Without the store there is nothing to wait for.
        goes_on && reached.store.is_ok()
    }

    fn position(&self) -> String {
        text(&self.store, self.after)
    }
}

impl AppendedEntries {
    async fn read(&mut self) -> Result<(), StoreError> {
        let all = Selection::default();
        let page = self.store.appended(&all, self.after, PAGE).await?;
        self.may_have_more = page.len() == PAGE as usize;
        for entry in &page {
            self.after = entry.position;
            let id = text(&self.store, entry.position);
            self.pending.push_back(event_of(entry).id(&id).into());
        }
        Ok(())
    }
}

fn event_of(entry: &Entry) -> SseEvent {
    let name = match entry.retracts {
        Some(_) => "retracted",
        None => "happened",
    };
    SseEvent::new(name, &EntryJson::from(entry))
}
