//! The connections, and how they end.

mod systemd;

use {
    self::systemd::Systemd,
    crate::{
        descriptors,
        http::{router, too_many_connections, ServedLedger, State, Token},
        ingest::{History, Standstill},
        metrics::Metrics,
        store::Site,
        view::{keep_fresh, Step, Views},
    },
    ebb_connections::Connections,
    ebb_sdk::{client::Client, json::LedgerOptions, ledger::LedgerError},
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
    /// With which options commands to copy name the ledger. By default none.
    pub ledger_options: LedgerOptions,
    /// Which store the history is kept in. By default none is kept.
    pub history: Option<Site>,
    /// How many connections may be open, if the process may have as many files open. By default 10,000.
    pub max_connections: usize,
    /// How many streams may be open. By default 2,000.
    pub max_streams: usize,
    /// How many changes of devices, locations, contributors and the registry are kept for streams that are slow or resumed. By
    /// default 20,000.
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
            ledger_options: LedgerOptions::default(),
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
    /// The history stands still for this problem; nothing when it goes on.
    History(Option<&'a Standstill>),
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
    /// `report` is called when the ledger can no longer be read or the history stands still, and when they go on.
    ///
    /// # Errors
    /// [`ServeError::Reader`]
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
        report: impl Fn(Notice<'_>) + Send + Sync + 'static,
    ) -> Result<(), ServeError> {
        let report = Arc::new(report);
        let parts = Parts::new(&self.options);
        let (closing, is_closing) = watch::channel(false);
        let mut connections = self.connections(&parts, is_closing);
        let _keeper = self.keep_history(&parts, &report);
        let _finder = self.find_genesis(&parts);
        let mut reader = self.keep_view(&parts, &report);
        let ended = tokio::select! {
            () = shutdown => Ok(()),
            _ = reader.join_next() => Err(ServeError::Reader),
            () = connections.accept_from(&self.listener) => Ok(()),
        };
        parts.systemd.stopping();
        drop(self.listener);
        closing.send_replace(true);
        connections.end(LAST_REQUESTS).await;
        ended
    }

    /// Where requests come in, of which there are none yet.
    fn connections(&self, parts: &Parts, closing: watch::Receiver<bool>) -> Connections {
        let state = State::new(
            self.client.clone(),
            Arc::clone(&parts.views),
            Arc::clone(&parts.history),
            Arc::clone(&parts.metrics),
            Arc::clone(&parts.ledger),
            closing.clone(),
            self.options.token.clone(),
            self.options.max_lag,
            self.options.max_streams,
        );
        let most = descriptors::connections(self.options.max_connections);
        Connections::new(router(state), most, too_many_connections, closing)
    }

    /// Asks the ledger which one it is, until what is returned is dropped.
    fn find_genesis(&self, parts: &Parts) -> JoinSet<()> {
        let (client, ledger) = (self.client.clone(), Arc::clone(&parts.ledger));
        let mut finder = JoinSet::new();
        finder.spawn(async move { ledger.find_genesis(&client).await });
        finder
    }

    /// Reads the ledger into the history, if one is kept, until what is returned is dropped.
    fn keep_history(&self, parts: &Parts, report: &Arc<impl Report>) -> JoinSet<()> {
        let mut keeper = JoinSet::new();
        if let Some(site) = self.options.history.clone() {
            let (client, report) = (self.client.clone(), Arc::clone(report));
            let (history, wake) = (Arc::clone(&parts.history), Arc::clone(&parts.wake));
            keeper.spawn(async move {
                let report = |problem: Option<&Standstill>| report(Notice::History(problem));
                history.keep(&client, &site, wake, report).await;
            });
        }
        keeper
    }

    /// Keeps the view fresh until what is returned is dropped.
    fn keep_view(&self, parts: &Parts, report: &Arc<impl Report>) -> JoinSet<()> {
        let reading = Reading {
            metrics: Arc::clone(&parts.metrics),
            has_failed: Mutex::new(false),
            report: Arc::clone(report),
        };
        let (client, interval) = (self.client.clone(), self.options.interval);
        let (views, systemd) = (Arc::clone(&parts.views), Arc::clone(&parts.systemd));
        let wake = Arc::clone(&parts.wake);
        let mut reader = JoinSet::new();
        reader.spawn(async move {
            let on_step = |step: Step<'_>| {
                systemd.step(step, views.newest().as_deref());
                if let Step::Read(result) = step {
                    reading.ended(result);
                }
                if !matches!(step, Step::Working) {
                    wake.notify_one();
                }
            };
            keep_fresh(&client, &views, interval, on_step).await;
        });
        reader
    }
}

/// Reports what whoever runs a server should know.
trait Report: Fn(Notice<'_>) + Send + Sync + 'static {}

impl<F: Fn(Notice<'_>) + Send + Sync + 'static> Report for F {}

/// What a server works with.
struct Parts {
    views: Arc<Views>,
    history: Arc<History>,
    metrics: Arc<Metrics>,
    ledger: Arc<ServedLedger>,
    systemd: Arc<Systemd>,
    /// Has the history read on.
    wake: Arc<Notify>,
}

impl Parts {
    fn new(options: &ServeOptions) -> Self {
        let history = match options.history {
            Some(_) => History::opening(),
            None => History::none(),
        };
        Self {
            views: Arc::new(Views::keeping(options.kept_changes)),
            history: Arc::new(history),
            metrics: Arc::new(Metrics::new(options.device_series)),
            ledger: Arc::new(ServedLedger::new(options.ledger_options.clone())),
            systemd: Arc::default(),
            wake: Arc::default(),
        }
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
