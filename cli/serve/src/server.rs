//! The connections, and how they end.

mod systemd;

use {
    self::systemd::Systemd,
    crate::{
        descriptors,
        http::{router, too_many_connections, State, Token},
        ingest::History,
        metrics::Metrics,
        store::Site,
        view::{keep_fresh, Step, Views},
    },
    ebb_connections::Connections,
    ebb_sdk::{client::Client, ledger::LedgerError},
    std::{
        future::Future,
        io,
        net::{Ipv4Addr, SocketAddr},
        sync::{Arc, Mutex, PoisonError},
        time::Duration,
    },
    tokio::{
        net::TcpListener,
        sync::{watch, Notify},
        task::JoinSet,
    },
};

/// How long requests have to end when the server does.
pub const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// How a server serves.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where it listens. By default port 8080 of the loopback address.
    pub listen: SocketAddr,
    /// What requests must carry. By default nothing.
    pub token: Option<Token>,
    /// From which lag on it is not ready. By default a minute.
    pub max_lag: Duration,
    /// How often the ledger is read at least. By default every second.
    pub interval: Duration,
    /// How many devices have metrics of their own. By default 20,000.
    pub device_series: usize,
    /// Which store the history is kept in. By default none is kept.
    pub history: Option<Site>,
    /// How many connections may be open, if the process may have as many files open. By default 10,000.
    pub max_connections: usize,
    /// How many streams may be open. By default 2,000.
    pub max_streams: usize,
    /// How many changes are kept for streams that are slow or resumed. By default 20,000.
    pub kept_changes: usize,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            token: None,
            max_lag: Duration::from_secs(60),
            interval: Duration::from_secs(1),
            device_series: 20_000,
            history: None,
            max_connections: 10_000,
            max_streams: 2_000,
            kept_changes: 20_000,
        }
    }
}

/// What whoever runs a server should know.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// The ledger cannot be read; nothing when it can be again.
    Ledger(Option<&'a LedgerError>),
    /// The history cannot be read and written, for this reason; nothing when it can be again.
    History(Option<&'a str>),
}

/// Why there is no server, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or is not this host's.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// What reads the ledger broke off, which is a fault of the server.
    #[error("the ledger is no longer read, for a fault of the server")]
    Reader,
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    options: ServeOptions,
    client: Client,
}

impl Server {
    /// Listens. Nobody is answered before it [runs](Server::run).
    ///
    /// # Errors
    /// [`ServeError::Listen`]
    pub async fn bind(client: Client, options: ServeOptions) -> Result<Self, ServeError> {
        let address = options.listen;
        let failed = |error| ServeError::Listen { address, error };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        Ok(Self {
            address: listener.local_addr().map_err(failed)?,
            listener,
            options,
            client,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is over. Then streams and waits end first, and requests have a few seconds to.
    ///
    /// `report` is called when the ledger or the history can no longer be read, and when they can be again.
    ///
    /// # Errors
    /// [`ServeError::Reader`]
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
        report: impl Fn(Notice<'_>) + Send + Sync + 'static,
    ) -> Result<(), ServeError> {
        let views = Arc::new(Views::keeping(self.options.kept_changes));
        let metrics = Arc::new(Metrics::new(self.options.device_series));
        let history = Arc::new(History::away(match self.options.history {
            Some(_) => "the history store is being opened",
            None => "this server keeps no history",
        }));
        let (report, wake) = (Arc::new(report), Arc::<Notify>::default());
        let (closing, is_closing) = watch::channel(false);
        let state = State::new(
            self.client.clone(),
            Arc::clone(&views),
            Arc::clone(&history),
            Arc::clone(&metrics),
            is_closing.clone(),
            self.options.token,
            self.options.max_lag,
            self.options.max_streams,
        );
        let max = descriptors::connections(self.options.max_connections);
        let mut connections =
            Connections::new(router(state), max, too_many_connections, is_closing);
        let reading = Reading {
            metrics,
            has_failed: Mutex::new(false),
            report: Arc::clone(&report),
        };
        let mut keeper = JoinSet::new();
        if let Some(site) = self.options.history {
            let (client, wake) = (self.client.clone(), Arc::clone(&wake));
            keeper.spawn(async move {
                let report = |reason: Option<&str>| report(Notice::History(reason));
                history.keep(&client, &site, wake, report).await;
            });
        }
        let (client, interval) = (self.client, self.options.interval);
        let systemd = Arc::<Systemd>::default();
        let max_lag = self.options.max_lag;
        let mut reader = JoinSet::new();
        let manager = Arc::clone(&systemd);
        reader.spawn(async move {
            let on_step = |step: Step<'_>| {
                manager.step(step, views.newest().as_deref());
                if let Step::Read(result) = step {
                    reading.ended(result);
                    wake.notify_one();
                }
            };
            keep_fresh(&client, &views, interval, max_lag, on_step).await;
        });
        let ended = tokio::select! {
            () = shutdown => Ok(()),
            _ = reader.join_next() => Err(ServeError::Reader),
            () = connections.accept_from(&self.listener) => Ok(()),
        };
        systemd.stopping();
        drop(self.listener);
        closing.send_replace(true);
        connections.end(LAST_REQUESTS).await;
        ended
    }
}

/// What becomes known of readings.
struct Reading<F> {
    metrics: Arc<Metrics>,
    has_failed: Mutex<bool>,
    report: Arc<F>,
}

impl<F: Fn(Notice<'_>)> Reading<F> {
    /// Reports when readings begin to fail, and when they succeed again.
    fn ended(&self, result: &Result<(), LedgerError>) {
        self.metrics.count_reading(result.is_ok());
        let mut has_failed = self
            .has_failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *has_failed != result.is_err() {
            *has_failed = result.is_err();
            (self.report)(Notice::Ledger(result.as_ref().err()));
        }
    }
}
