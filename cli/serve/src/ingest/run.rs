//! The loop.

use {
    super::{
        completeness::{self, Completeness},
        walks::Walks,
        IngestError, Status,
    },
    crate::store::{Store, StoreError, Writer},
    ebb_sdk::client::Client,
    std::{sync::Arc, time::Duration},
    tokio::{
        sync::{watch, Notify},
        time::{sleep, timeout, Instant},
    },
};

/// The shortest pause after a failure; each further failure doubles it.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often what is done.
#[derive(Clone, Copy, Debug)]
pub struct IngestOptions {
    /// How long until the ledger is asked again where nothing woke the ingest.
    pub interval: Duration,
    /// How long until the history is compared with the accounts again.
    pub check_interval: Duration,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            check_interval: Duration::from_secs(60),
        }
    }
}

/// Reads a ledger into a store for as long as [`Ingest::run`] is polled.
pub struct Ingest {
    client: Client,
    store: Store,
    wake: Arc<Notify>,
    options: IngestOptions,
    status: watch::Sender<Status>,
}

impl Ingest {
    /// An ingest that reads as soon as `wake` is notified, and now and then without it.
    pub fn new(client: Client, store: Store, wake: Arc<Notify>, options: IngestOptions) -> Self {
        Self {
            client,
            store,
            wake,
            options,
            status: watch::Sender::default(),
        }
    }

    /// What it has reached; changes with each round.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Reads without end. While another process writes to the store it waits, and takes over when that one ends. Dropping
    /// the future ends it at any moment, as the next run goes on from what was committed.
    pub async fn run(&self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let ended = match self.store.try_writer().await {
                Ok(Some(writer)) => self.write(writer, &mut pause).await,
                Ok(None) => {
                    pause = SHORTEST_PAUSE;
                    self.observe(false, None).await
                }
                Err(error) => Err(error),
            };
            match ended {
                Ok(()) => self.idle().await,
                Err(error) => {
                    self.fail(&error);
                    sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
                }
            }
        }
    }

    /// Reads once: all that is there now.
    ///
    /// # Errors
    /// The ledger does not answer or the store cannot be used. What was committed stays.
    pub async fn catch_up(&self, writer: &mut Writer) -> Result<(), IngestError> {
        let mut walks = Walks::new(&self.client, &self.store, writer).await?;
        let heads = completeness::heads(&self.client).await?;
        walks.follow_both(writer).await?;
        let mut completeness = Completeness::default();
        // A hole is lost if it is there in two checks.
        for _ in 0..2 {
            completeness
                .check(&self.client, &self.store, writer, &heads)
                .await?;
        }
        Ok(self.observe(true, None).await?)
    }

    /// Reads until the store fails, as the lock may have gone with the connection.
    async fn write(&self, mut writer: Writer, pause: &mut Duration) -> Result<(), StoreError> {
        let mut walks = Walks::new(&self.client, &self.store, &mut writer).await?;
        let mut completeness = Completeness::default();
        let mut checked: Option<Instant> = None;
        loop {
            let is_due = checked.is_none_or(|at| at.elapsed() >= self.options.check_interval);
            match self
                .round(&mut writer, &mut walks, is_due.then_some(&mut completeness))
                .await
            {
                Ok(()) => {
                    if is_due {
                        checked = Some(Instant::now());
                    }
                    *pause = SHORTEST_PAUSE;
                    self.observe(true, None).await?;
                    self.idle().await;
                }
                Err(IngestError::Store(error)) => return Err(error),
                Err(IngestError::History(error)) => {
                    self.observe(true, Some(error.to_string())).await?;
                    sleep(*pause).await;
                    *pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
                }
            }
        }
    }

    async fn round(
        &self,
        writer: &mut Writer,
        walks: &mut Walks,
        check: Option<&mut Completeness>,
    ) -> Result<(), IngestError> {
        let Some(completeness) = check else {
            return walks.follow_both(writer).await;
        };
        // Read before the walk: what happens between the two is no hole.
        let heads = completeness::heads(&self.client).await?;
        walks.follow_both(writer).await?;
        completeness
            .check(&self.client, &self.store, writer, &heads)
            .await
    }

    async fn idle(&self) {
        // Whether it was woken or not, it is time.
        let _ = timeout(self.options.interval, self.wake.notified()).await;
    }

    /// Publishes what the store has.
    async fn observe(&self, is_ingesting: bool, problem: Option<String>) -> Result<(), StoreError> {
        let status = Status::of(&self.store, is_ingesting, problem).await?;
        self.status.send_replace(status);
        Ok(())
    }

    /// Publishes that the store is away; what it had is the last that is known.
    fn fail(&self, error: &StoreError) {
        self.status.send_modify(|status| {
            status.is_ingesting = false;
            status.problem = Some(error.to_string());
        });
    }
}
