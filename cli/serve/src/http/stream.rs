//! What all streams have.

use {
    super::{problem::Problem, state::Shared},
    crate::metrics::Metrics,
    axum::{
        http::header,
        response::{
            sse::{Event, Sse},
            IntoResponse, Response,
        },
    },
    futures_util::Stream,
    serde::Serialize,
    std::{convert::Infallible, sync::Arc, time::Duration},
    tokio::sync::OwnedSemaphorePermit,
};

/// How often a quiet stream says that it is there.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream that is open, which is counted.
pub struct Open {
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    /// Opens one.
    ///
    /// # Errors
    /// Too many are open.
    pub fn new(shared: &Shared) -> Result<Self, Problem> {
        let permit = Arc::clone(&shared.streams).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::unavailable("too many streams are open", 5))?;
        shared.metrics.sse_clients.inc();
        Ok(Self {
            metrics: Arc::clone(&shared.metrics),
            _permit: permit,
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.metrics.sse_clients.dec();
    }
}

/// Answers with server-sent events.
pub fn respond(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    (uncached, Sse::new(events)).into_response()
}

/// An event of this name.
pub fn event(name: &str, data: &impl Serialize) -> Event {
    // Text and numbers only, which are always JSON.
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(data)
}
