//! The store beside a server: opened when it can be, filled, and away when it is.

use {
    super::{
        pause::Pause, transitions::Transitions, Cause, Ingest, IngestOptions, Standstill, Status,
        Transition,
    },
    crate::store::{Identity, Site, Store, StoreError},
    ebb_sdk::{client::Client, history::HistoryError},
    std::{collections::BTreeMap, sync::Arc},
    tokio::sync::{watch, Notify},
};

/// A history that may be away.
pub struct History(watch::Sender<Reached>);

/// What a history has reached.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Whether a history is kept at all.
    pub is_kept: bool,
    /// The store, or why none can be read.
    pub store: Result<Store, String>,
    /// What the ingest has reached; `None` until it looked.
    pub status: Option<Status>,
    /// Why the history stands still; `None` while it goes on.
    pub problem: Option<String>,
    /// How many transitions of each kind there are; `None` until all are counted.
    pub transitions: Option<Arc<BTreeMap<Transition, u64>>>,
}

/// Why a store is not open.
#[derive(Debug, thiserror::Error)]
enum NotOpen {
    #[error("the history store is not open, as the ledger cannot be read: {0}")]
    Ledger(#[from] HistoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reached {
    /// Nothing, with or without a store.
    fn nothing(is_kept: bool, store: Result<Store, String>) -> Self {
        Self {
            is_kept,
            store,
            status: None,
            problem: None,
            transitions: None,
        }
    }

    /// Takes what the ingest of a store has reached. Returns whether anything of it is news to those who wait.
    fn advance(&mut self, store: &Store, status: Status, problem: Option<&Standstill>) -> bool {
        let foreign = problem.filter(|problem| problem.cause == Cause::OtherLedger);
        let reason = problem.map(|problem| problem.reason.clone());
        let known = self.status.as_ref();
        let has_news = self.problem != reason || known.is_none_or(|known| status.has_news(known));
        self.store = foreign.map_or_else(|| Ok(store.clone()), |it| Err(it.reason.clone()));
        self.status = Some(status);
        self.problem = reason;
        has_news
    }
}

impl History {
    /// No history, as none is kept.
    pub fn none() -> Self {
        let reason = "this server keeps no history".to_owned();
        Self(watch::Sender::new(Reached::nothing(false, Err(reason))))
    }

    /// A history whose store is not open yet.
    pub fn opening() -> Self {
        let reason = "the history store is being opened".to_owned();
        Self(watch::Sender::new(Reached::nothing(true, Err(reason))))
    }

    /// A history that has this store, which nobody fills, and stands still for this reason.
    #[cfg(test)]
    pub fn of(store: Store, problem: Option<&str>) -> Self {
        Self(watch::Sender::new(Reached {
            problem: problem.map(str::to_owned),
            ..Reached::nothing(true, Ok(store))
        }))
    }

    /// What it has reached.
    pub fn now(&self) -> Reached {
        self.0.borrow().clone()
    }

    /// Reports whenever it has reached more, or went away.
    pub fn subscribe(&self) -> watch::Receiver<Reached> {
        self.0.subscribe()
    }

    /// Opens the store, however often that takes, and reads the ledger into it without end. `report` is called with the
    /// problem for which the history stands still, and with nothing when it goes on.
    pub async fn keep(
        &self,
        client: &Client,
        site: &Site,
        wake: Arc<Notify>,
        report: impl Fn(Option<&Standstill>),
    ) {
        let mut reporter = Reporter::new(report);
        let store = self.open(client, site, &mut reporter).await;
        let options = IngestOptions::default();
        let ingest = Ingest::new(client.clone(), store.clone(), wake, options);
        tokio::join!(
            ingest.run(),
            self.follow(&store, ingest.status(), reporter),
            self.count(&store, ingest.status()),
        );
    }

    async fn open(
        &self,
        client: &Client,
        site: &Site,
        reporter: &mut Reporter<impl Fn(Option<&Standstill>)>,
    ) -> Store {
        let mut pause = Pause::default();
        let mut problem = None;
        loop {
            match open(client, site).await {
                Ok(store) => {
                    self.0
                        .send_modify(|reached| reached.store = Ok(store.clone()));
                    reporter.report(None);
                    return store;
                }
                Err(error) => {
                    self.0
                        .send_modify(|reached| reached.store = Err(error.to_string()));
                    let now = error.problem(client, problem.as_ref()).await;
                    reporter.report(Some(&now).filter(|now| now.is_lasting()));
                    problem = Some(now);
                }
            }
            pause.after_failure().await;
        }
    }

    /// Publishes what the ingest reaches.
    async fn follow(
        &self,
        store: &Store,
        mut status: watch::Receiver<Status>,
        mut reporter: Reporter<impl Fn(Option<&Standstill>)>,
    ) {
        while status.changed().await.is_ok() {
            let status = status.borrow_and_update().clone();
            let problem = status.problem.clone().filter(Standstill::is_lasting);
            self.0
                .send_if_modified(|reached| reached.advance(store, status, problem.as_ref()));
            reporter.report(problem.as_ref());
        }
    }

    /// Publishes how many transitions there are. At the start that takes as long as reading every event does, which nothing
    /// else waits for.
    async fn count(&self, store: &Store, mut status: watch::Receiver<Status>) {
        let mut transitions = Transitions::default();
        while status.changed().await.is_ok() {
            // What cannot be read now is counted later.
            if transitions.count(store).await.is_ok() {
                let counts = Arc::new(transitions.counts.clone());
                self.0.send_if_modified(|reached| {
                    reached.transitions = Some(counts);
                    false
                });
            }
        }
    }
}

async fn open(client: &Client, site: &Site) -> Result<Store, NotOpen> {
    let genesis = client.ledger().genesis().await;
    let identity = Identity {
        genesis: genesis.map_err(HistoryError::from)?,
        program: *client.program_id(),
    };
    Ok(Store::open(&site.location(&identity), identity).await?)
}

impl NotOpen {
    /// What it is that keeps the history from being read on.
    async fn problem(&self, client: &Client, before: Option<&Standstill>) -> Standstill {
        let cause = match self {
            Self::Ledger(error) => Cause::of_ledger(client, error).await,
            Self::Store(_) => Cause::Store,
        };
        Standstill::new(before, self.to_string(), cause)
    }
}

/// Reports what the history stands still for, once for each cause.
struct Reporter<F> {
    reported: Option<Cause>,
    report: F,
}

impl<F: Fn(Option<&Standstill>)> Reporter<F> {
    fn new(report: F) -> Self {
        Self {
            reported: None,
            report,
        }
    }

    fn report(&mut self, problem: Option<&Standstill>) {
        let cause = problem.map(|problem| problem.cause);
        if self.reported != cause {
            self.reported = cause;
            (self.report)(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::store::tests::{open, readers},
        std::{cell::RefCell, time::Duration},
        tokio::time::{pause, resume, sleep, Instant},
    };

    #[test]
    fn each_cause_is_reported_once_and_so_is_the_end() {
        let reported = RefCell::new(vec![]);
        let mut reporter = Reporter::new(|problem: Option<&Standstill>| {
            let cause = problem.map(|problem| problem.cause);
            reported.borrow_mut().push(cause);
        });
        let (outage, store) = (Some(Cause::Outage), Some(Cause::Store));
        for cause in [None, outage, outage, store, store, None, None, store] {
            let problem = cause.map(|cause| Standstill::new(None, String::new(), cause));
            reporter.report(problem.as_ref());
        }
        assert_eq!(*reported.borrow(), [outage, store, None, store]);
    }

    #[tokio::test]
    async fn what_is_reached_is_published_before_the_transitions_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _writer) = open(&dir, "a").await;
        // While nobody else can read, nothing is counted.
        let held = readers(&store).await;
        let history = History::opening();
        let (reach, status) = watch::channel(Status::default());
        let following = history.follow(&store, status.clone(), Reporter::new(|_| ()));
        let story = async {
            pause();
            let began = Instant::now();
            reach.send_replace(Status::default());
            let mut reached = history.subscribe();
            let reached = reached.wait_for(|reached| reached.status.is_some()).await;
            assert!(reached.unwrap().transitions.is_none());
            assert_eq!(began.elapsed(), Duration::ZERO);
            resume();
            drop(held);
            while history.now().transitions.is_none() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = following => {}
            () = history.count(&store, status) => {}
            () = story => {}
        }
    }
}
