//! What every route works with.

use {
    super::{
        answers::Answers,
        document::Found,
        problem::Problem,
        rate::RateLimit,
        served_ledger::ServedLedger,
        step::{FilteredStep, StepEvents},
        token::Token,
        work::Workers,
    },
    crate::{
        ingest::History,
        metrics::Metrics,
        view::{View, Views},
    },
    ebb_sdk::client::Client,
    std::{sync::Arc, time::Duration},
    tokio::{
        sync::{watch, Semaphore},
        time::timeout,
    },
};

/// How long a request waits for the ledger to be read for the first time.
const FIRST_READING: Duration = Duration::from_secs(2);

/// What every route works with.
pub struct State {
    /// Reads the ledger and sends to it.
    pub client: Client,
    /// What was read.
    pub views: Arc<Views>,
    /// What happened.
    pub history: Arc<History>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Which ledger it is.
    pub ledger: Arc<ServedLedger>,
    /// What every request but /healthz must carry, if anything.
    pub token: Option<Token>,
    /// From which lag on the server is not ready.
    pub max_lag: Duration,
    /// How many streams may be open.
    pub streams: Arc<Semaphore>,
    /// Whether the server is about to end.
    pub closing: watch::Receiver<bool>,
    /// What was answered from the newest revision of the view.
    pub answers: Answers<String, Result<Arc<Found>, Problem>>,
    /// What streams were sent that came to the newest version of the view.
    pub steps: Answers<FilteredStep, StepEvents>,
    /// Make metrics.
    pub workers: Workers,
    /// How fast each address may send transactions.
    pub relayed: RateLimit,
    /// The OpenAPI document.
    pub document: String,
}

/// What every route is given.
pub type Shared = Arc<State>;

impl State {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part that the server makes once"
    )]
    /// Nothing was answered yet, and nothing relayed.
    pub fn new(
        client: Client,
        views: Arc<Views>,
        history: Arc<History>,
        metrics: Arc<Metrics>,
        ledger: Arc<ServedLedger>,
        closing: watch::Receiver<bool>,
        token: Option<Token>,
        max_lag: Duration,
        max_streams: usize,
    ) -> Self {
        Self {
            client,
            views,
            history,
            metrics,
            ledger,
            token,
            max_lag,
            streams: Arc::new(Semaphore::new(max_streams)),
            closing,
            answers: Answers::default(),
            steps: Answers::default(),
            workers: Workers::default(),
            relayed: RateLimit::default(),
            document: String::new(),
        }
    }

    /// The newest view, for which a request waits a little where there is none yet.
    pub async fn view(&self) -> Result<Arc<View>, Problem> {
        let mut views = self.views.subscribe();
        let first = timeout(FIRST_READING, views.wait_for(Option::is_some)).await;
        let view = first.ok().and_then(Result::ok);
        view.and_then(|view| view.clone()).ok_or_else(|| {
            Problem::unavailable("the ledger could not be read since the server started", 1)
        })
    }

    /// Returns when the server is about to end.
    pub async fn closing(&self) {
        let mut closing = self.closing.clone();
        // Whoever closes is gone, so this is the end too.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}

#[cfg(test)]
pub mod tests {
    use {
        super::*,
        ebb_sdk::embedded::{EmbeddedLedger, EmbeddedOptions},
        tempfile::TempDir,
    };

    /// What a server of these views works with, and who closes it.
    pub fn server(views: Views) -> (Shared, watch::Sender<bool>, TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let ledger = EmbeddedLedger::open(dir.path().join("ledger"), EmbeddedOptions::default());
        let client = Client::new(Arc::new(ledger.unwrap()), ebb_sdk::ID);
        let (closing, is_closing) = watch::channel(false);
        let metrics = Arc::new(Metrics::new(0));
        let views = Arc::new(views);
        let history = Arc::new(History::none());
        let ledger = Arc::new(ServedLedger::default());
        let minute = Duration::from_secs(60);
        let state = State::new(
            client, views, history, metrics, ledger, is_closing, None, minute, 1,
        );
        (Arc::new(state), closing, dir)
    }
}
