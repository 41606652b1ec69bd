//! What all streams have.

use {
    super::{problem::Problem, state::Shared},
    crate::metrics::Metrics,
    axum::{
        body::{Body, Bytes},
        http::header,
        response::{IntoResponse, Response},
    },
    futures_util::stream,
    serde::Serialize,
    std::{convert::Infallible, future::Future, sync::Arc, time::Duration},
    tokio::{
        sync::OwnedSemaphorePermit,
        time::{sleep_until, Instant},
    },
};

/// How often a quiet stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What a stream sends next.
pub enum Next {
    /// This event's bytes.
    Event(Bytes),
    /// Nothing that is there yet.
    Nothing,
    /// Nothing ever.
    End,
}

/// What one client's stream is made of.
pub trait Feed: Send + 'static {
    /// Returns what is to be sent next.
    fn next(&mut self) -> impl Future<Output = Next> + Send;

    /// Waits until there may be more; returns whether there will be.
    fn changed(&mut self) -> impl Future<Output = bool> + Send;

    /// The id behind which a client goes on that has everything so far.
    fn position(&self) -> String;
}

/// A stream that is open, which is counted.
pub struct Open {
    metrics: Arc<Metrics>,
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

/// Answers with what a feed sends until it or the server ends.
pub fn respond(shared: Shared, open: Open, feed: impl Feed) -> Response {
    let running = Running {
        feed,
        shared,
        heartbeat_at: Instant::now() + HEARTBEAT,
        _open: open,
    };
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let events = stream::unfold(running, Running::next);
    (headers, Body::from_stream(events)).into_response()
}

/// A stream that is sent.
struct Running<F> {
    feed: F,
    shared: Shared,
    /// When a quiet stream says that it is there.
    heartbeat_at: Instant,
    _open: Open,
}

impl<F: Feed> Running<F> {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let event = loop {
            if *self.shared.closing.borrow() {
                return None;
            }
            match self.feed.next().await {
                Next::Event(event) => break event,
                Next::End => return None,
                Next::Nothing => {}
            }
            tokio::select! {
                () = self.shared.closing() => return None,
                // An id without data is no event, and keeps the client's position fresh.
                () = sleep_until(self.heartbeat_at) => {
                    break SseEvent::default().id(&self.feed.position()).into();
                }
                goes_on = self.feed.changed() => if !goes_on {
                    return None;
                },
            }
        };
        self.heartbeat_at = Instant::now() + HEARTBEAT;
        Some((Ok(event), self))
    }
}

/// A server-sent event that is written. Its bytes are made once, and every stream that sends it shares them; axum's events are
/// copied for each.
#[derive(Default)]
pub struct SseEvent(String);

impl SseEvent {
    /// An event of this name.
    pub fn new(name: &str, data: &impl Serialize) -> Self {
        // Text and numbers only, which are always JSON, and one line of it.
        let data = serde_json::to_string(data).unwrap_or_default();
        Self(format!("event: {name}\ndata: {data}\n"))
    }

    /// The same with an id, which is one line.
    pub fn id(self, id: &str) -> Self {
        Self(format!("{}id: {id}\n", self.0))
    }
}

impl From<SseEvent> for Bytes {
    fn from(SseEvent(mut text): SseEvent) -> Self {
        text.push('\n');
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{http::state::tests::server, view::Views},
        futures_util::StreamExt,
        tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver},
    };

    /// Sends what comes, and stands at the number of it.
    struct Numbers {
        numbers: UnboundedReceiver<u32>,
        next: Option<u32>,
        sent: u32,
    }

    impl Feed for Numbers {
        async fn next(&mut self) -> Next {
            match self.next.take() {
                Some(0) => Next::End,
                Some(number) => {
                    self.sent += 1;
                    Next::Event(SseEvent::new("number", &number).into())
                }
                None => Next::Nothing,
            }
        }

        async fn changed(&mut self) -> bool {
            self.next = self.numbers.recv().await;
            self.next.is_some()
        }

        fn position(&self) -> String {
            self.sent.to_string()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_stream_says_where_it_stands_and_ends_with_its_feed_or_the_server() {
        for ends_with in ["its feed", "what feeds it", "the server"] {
            let (shared, closing, _dir) = server(Views::keeping(2));
            let (sender, numbers) = unbounded_channel();
            let feed = Numbers {
                numbers,
                next: None,
                sent: 0,
            };
            let response = respond(shared.clone(), Open::new(&shared).ok().unwrap(), feed);
            let media_type = response.headers()[header::CONTENT_TYPE].clone();
            let mut frames = response.into_body().into_data_stream();
            let began = Instant::now();
            sender.send(7).unwrap();
            let mut sent = vec![];
            for _ in 0..3 {
                let frame = frames.next().await.unwrap().unwrap();
                sent.push((String::from_utf8(frame.to_vec()).unwrap(), began.elapsed()));
            }
            let heartbeat = "id: 1\n\n".to_owned();
            let expected = [
                ("event: number\ndata: 7\n\n".to_owned(), Duration::ZERO),
                (heartbeat.clone(), HEARTBEAT),
                (heartbeat, 2 * HEARTBEAT),
            ];
            assert_eq!(sent, expected);
            assert_eq!(media_type, "text/event-stream");
            assert_eq!(shared.metrics.sse_clients.get(), 1);
            match ends_with {
                "its feed" => sender.send(0).unwrap(),
                "what feeds it" => drop(sender),
                _ => drop(closing.send_replace(true)),
            }
            assert!(frames.next().await.is_none(), "{ends_with}");
            assert_eq!(shared.metrics.sse_clients.get(), 0);
        }
    }
}
