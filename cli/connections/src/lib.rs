//! Connections of an HTTP server, within limits: how many there are, how long a request's head is and takes, and how long a client leaves
//! an answer unread.

mod accept;
#[cfg(test)]
mod tests;

pub use accept::Accept;

use {
    axum::{response::Response, Router},
    hyper::{body::Incoming, server::conn::http1, service::service_fn, Request},
    hyper_util::rt::{TokioIo, TokioTimer},
    std::{
        convert::Infallible,
        net::IpAddr,
        pin::{pin, Pin},
        sync::Arc,
        time::Duration,
    },
    tokio::{
        sync::{watch, OwnedSemaphorePermit, Semaphore},
        task::JoinSet,
        time::{sleep, timeout},
    },
    tower::Service,
};

/// How long a client may take to send its request's headers, and be silent between two requests.
const HEADERS_WITHIN: Duration = Duration::from_secs(20);
/// The longest head of a request that is read at all, in bytes; of shorter ones a server may say what is too long.
const MAX_HEAD_LEN: usize = 64 * 1024;
/// The most headers that are read at all; of fewer a server may say that they are too many.
const MAX_READ_HEADERS: usize = 400;
/// How long a connection is open that is one too many, and how many of those there are at a time.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
const MAX_REFUSED: usize = 100;
/// How long to wait where no connection can be accepted, as where there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Who sent a request, in its extensions; absent where the client has no address.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The connections that are open. They end with the value.
pub struct Connections {
    router: Router,
    too_many: fn() -> Response,
    closing: watch::Receiver<bool>,
    permits: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

impl Connections {
    /// At most `max` connections are served by `router`, and further ones are answered with `too_many`. When `closing` becomes true,
    /// each ends after the request that it has under way.
    pub fn new(
        router: Router,
        max: usize,
        too_many: fn() -> Response,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            router,
            too_many,
            closing,
            permits: Arc::new(Semaphore::new(max)),
            refusals: Arc::new(Semaphore::new(MAX_REFUSED)),
            tasks: JoinSet::new(),
        }
    }

    /// Accepts connections for ever. Those that are too many are refused, and wait in the listener's queue while many are.
    pub async fn accept_from(&mut self, listener: &impl Accept) {
        loop {
            let Ok(refusal) = Arc::clone(&self.refusals).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, peer)) => match Arc::clone(&self.permits).try_acquire_owned() {
                    Ok(permit) => self.serve(stream, peer.map(Peer), permit),
                    Err(_) => self.refuse(stream, refusal),
                },
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
            while self.tasks.try_join_next().is_some() {}
        }
    }

    fn serve(
        &mut self,
        stream: impl accept::Stream,
        peer: Option<Peer>,
        permit: OwnedSemaphorePermit,
    ) {
        let (router, mut closing) = (self.router.clone(), self.closing.clone());
        self.tasks.spawn(async move {
            let _permit = permit;
            let service = service_fn(move |mut request: Request<Incoming>| {
                if let Some(peer) = peer {
                    request.extensions_mut().insert(peer);
                }
                router.clone().call(request)
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS_WITHIN)
                .max_buf_size(MAX_HEAD_LEN)
                .max_headers(MAX_READ_HEADERS)
                .serve_connection(TokioIo::new(stream), service);
            let mut connection = pin!(connection);
            // How a connection ends is its client's business.
            let is_over = tokio::select! {
                _ = connection.as_mut() => true,
                _ = closing.wait_for(|closing| *closing) => false,
            };
            if !is_over {
                Pin::as_mut(&mut connection).graceful_shutdown();
                let _ = connection.await;
            }
        });
    }

    /// Answers the first request of a connection that it is one too many.
    fn refuse(&mut self, stream: impl accept::Stream, permit: OwnedSemaphorePermit) {
        let too_many = self.too_many;
        self.tasks.spawn(async move {
            let _permit = permit;
            let refuse = move |_| async move { Ok::<Response, Infallible>(too_many()) };
            let connection = http1::Builder::new()
                .keep_alive(false)
                .max_buf_size(MAX_HEAD_LEN)
                .serve_connection(TokioIo::new(stream), service_fn(refuse));
            // How it ends is the client's business.
            let _ = timeout(REFUSED_WITHIN, connection).await;
        });
    }

    /// Waits for requests that are being answered, and ends those that take longer than `within`.
    pub async fn end(mut self, within: Duration) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = timeout(within, all).await;
    }
}
