//! The store beside a server: opened when it can be, filled, and away when it is.

use {
    super::{pause::Pause, transitions::Transitions, Ingest, IngestOptions, Status, Transition},
    crate::store::{Identity, Site, Store, StoreError},
    ebb_sdk::{client::Client, ledger::LedgerError},
    std::{collections::BTreeMap, sync::Arc},
    tokio::sync::{watch, Notify},
};

/// A history that may be away.
pub struct History(watch::Sender<Reached>);

/// What a history has reached.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The store, or why none can be read.
    pub store: Result<Store, String>,
    /// What the ingest has reached; `None` until it looked.
    pub status: Option<Status>,
    /// How many transitions of each kind there are; `None` until all are counted.
    pub transitions: Option<Arc<BTreeMap<Transition, u64>>>,
}

/// Why a store is not open.
#[derive(Debug, thiserror::Error)]
enum NotOpen {
    #[error("the history store is not open, as the ledger cannot be read: {0}")]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl History {
    /// A history without a store, for this reason.
    pub fn away(reason: &str) -> Self {
        Self(watch::Sender::new(Reached {
            store: Err(reason.to_owned()),
            status: None,
            transitions: None,
        }))
    }

    /// A history that has this store, which nobody fills.
    #[cfg(test)]
    pub fn of(store: Store) -> Self {
        Self(watch::Sender::new(Reached {
            store: Ok(store),
            status: None,
            transitions: None,
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
    /// reason when the store goes away, and with nothing when it is back.
    pub async fn keep(
        &self,
        client: &Client,
        site: &Site,
        wake: Arc<Notify>,
        report: impl Fn(Option<&str>),
    ) {
        let mut trouble = Trouble::new(report);
        let store = self.open(client, site, &mut trouble).await;
        let options = IngestOptions::default();
        let ingest = Ingest::new(client.clone(), store.clone(), wake, options);
        tokio::join!(ingest.run(), self.follow(&store, ingest.status(), trouble));
    }

    async fn open(
        &self,
        client: &Client,
        site: &Site,
        trouble: &mut Trouble<impl Fn(Option<&str>)>,
    ) -> Store {
        let mut pause = Pause::default();
        loop {
            match open(client, site).await {
                Ok(store) => {
                    self.0
                        .send_modify(|reached| reached.store = Ok(store.clone()));
                    trouble.now(None);
                    return store;
                }
                Err(error) => {
                    let reason = error.to_string();
                    self.0
                        .send_modify(|reached| reached.store = Err(reason.clone()));
                    // Of the ledger, whoever reads it reports.
                    if matches!(error, NotOpen::Store(_)) {
                        trouble.now(Some(&reason));
                    }
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
        mut trouble: Trouble<impl Fn(Option<&str>)>,
    ) {
        let mut transitions = Transitions::default();
        while status.changed().await.is_ok() {
            let status = status.borrow_and_update().clone();
            // While it ingests, what stands in the way is the ledger.
            let problem = status.problem.clone().filter(|_| !status.is_ingesting);
            let foreign = problem.clone().filter(|_| status.is_of_other_ledger);
            let store_now = foreign.map_or_else(|| Ok(store.clone()), Err);
            let counted = transitions.count(store).await.ok();
            let counted = counted.map(|()| Arc::new(transitions.counts.clone()));
            self.0.send_if_modified(|reached| {
                let is_new = reached.status.as_ref() != Some(&status);
                reached.status = Some(status);
                reached.store = store_now;
                if counted.is_some() {
                    reached.transitions = counted;
                }
                is_new
            });
            trouble.now(problem.as_deref());
        }
    }
}

async fn open(client: &Client, site: &Site) -> Result<Store, NotOpen> {
    let identity = Identity {
        genesis: client.ledger().genesis().await?,
        program: *client.program_id(),
    };
    Ok(Store::open(&site.location(&identity), identity).await?)
}

/// Whether the store is away, which is reported once.
struct Trouble<F> {
    is_away: bool,
    report: F,
}

impl<F: Fn(Option<&str>)> Trouble<F> {
    fn new(report: F) -> Self {
        Self {
            is_away: false,
            report,
        }
    }

    fn now(&mut self, reason: Option<&str>) {
        if self.is_away != reason.is_some() {
            self.is_away = reason.is_some();
            (self.report)(reason);
        }
    }
}
