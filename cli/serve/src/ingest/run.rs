//! The loop.

use {
    super::{
        clock::Clock,
        completeness::{Accounts, Completeness, Missing},
        error::check_genesis,
        filling::Reread,
        pause::Pause,
        walks::Walks,
        watch::Watch,
        Cause, IngestError, Standstill, Status,
    },
    crate::store::{Store, StoreError, Writer},
    ebb_sdk::{client::Client, history::HistoryError},
    jiff::Timestamp,
    std::{pin::pin, sync::Arc, time::Duration},
    tokio::{
        sync::{watch, Notify},
        time::timeout,
    },
};

/// How often what is done.
#[derive(Clone, Copy, Debug)]
pub struct IngestOptions {
    /// How long until the ledger is asked again where nothing woke the ingest.
    pub interval: Duration,
    /// How long until the history is compared with the accounts again.
    pub check_interval: Duration,
    /// How long until the ledger is asked again for what no node had.
    pub lost_interval: Duration,
}

impl Default for IngestOptions {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            check_interval: Duration::from_secs(60),
            lost_interval: Duration::from_secs(3_600),
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
        let mut pause = Pause::default();
        let mut watch = Watch::new(self.options.check_interval);
        loop {
            let ended = match self.store.try_writer().await {
                Ok(Some(writer)) => {
                    watch = Watch::new(self.options.check_interval);
                    self.write(writer, &mut pause).await
                }
                Ok(None) => self.watch(&mut watch).await,
                Err(error) => Err(error.into()),
            };
            match ended {
                Ok(()) => {
                    pause.succeeded();
                    self.idle().await;
                }
                Err(error) => {
                    self.fail(&error);
                    pause.after_failure().await;
                }
            }
        }
    }

    /// Reads once: all that is there now.
    ///
    /// # Errors
    /// The ledger does not answer or the store cannot be used. What was committed stays.
    pub async fn catch_up(&self, writer: &mut Writer) -> Result<(), IngestError> {
        let began = Timestamp::now().as_second();
        let mut walks = Walks::new(&self.client, &self.store, writer).await?;
        let mut completeness = Completeness::new(&self.client, self.options.lost_interval);
        // A hole is lost if it is there after two tries.
        for _ in 0..2 {
            self.round(writer, &mut walks, Some(&mut completeness))
                .await?;
            while !completeness.is_filled() {
                let reread = completeness.read_on().await?;
                self.fill(writer, &mut completeness, &reread).await?;
            }
        }
        Ok(self.observe(true, Some(began), None).await?)
    }

    /// Publishes what another process has written.
    async fn watch(&self, watch: &mut Watch) -> Result<(), IngestError> {
        let mut read_at = None;
        if let Some(compared) = watch.round(&self.client, &self.store).await? {
            self.found_missing(compared.missing);
            read_at = compared.read_at;
        }
        let problem = watch.problem.clone();
        Ok(self.observe(false, read_at, problem).await?)
    }

    /// Reads until the store fails, as the lock may have gone with the connection, or the ledger is another one.
    async fn write(&self, mut writer: Writer, pause: &mut Pause) -> Result<(), IngestError> {
        let mut walks = Walks::new(&self.client, &self.store, &mut writer).await?;
        let mut completeness = Completeness::new(&self.client, self.options.lost_interval);
        let mut clock = Clock::new(self.options.check_interval);
        loop {
            let began = Timestamp::now().as_second();
            let is_due = clock.is_due();
            let check = is_due.then_some(&mut completeness);
            match self.round(&mut writer, &mut walks, check).await {
                Ok(()) => {
                    if is_due {
                        clock.reset();
                    }
                    pause.succeeded();
                    self.observe(true, Some(began), None).await?;
                    self.fill_while_idle(&mut writer, &mut completeness).await?;
                }
                Err(IngestError::History(error)) => {
                    let before = self.status.borrow().problem.clone();
                    let problem =
                        Standstill::of_ledger(&self.client, before.as_ref(), &error).await;
                    self.observe(true, None, Some(problem)).await?;
                    pause.after_failure().await;
                }
                Err(error) => return Err(error),
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
        check_genesis(&self.client, writer.identity()).await?;
        // Read before the walk: what happens between the two is no hole.
        let accounts = Accounts::read(&self.client).await;
        let accounts = accounts.map_err(HistoryError::from)?;
        walks.follow_both(writer).await?;
        let check = completeness.check(&self.store, writer, accounts);
        self.found_missing(check.await?);
        Ok(())
    }

    /// Fills holes until the ledger is to be read again, which never waits for it.
    async fn fill_while_idle(
        &self,
        writer: &mut Writer,
        completeness: &mut Completeness,
    ) -> Result<(), StoreError> {
        let mut idle = pin!(self.idle());
        loop {
            // Chance decides which is asked first, so that neither keeps the other from its turn.
            let reread = tokio::select! {
                () = &mut idle => return Ok(()),
                reread = completeness.read_on() => reread,
            };
            let Ok(reread) = reread else {
                // The hole stays, which is published; the next time is soon enough to try again.
                idle.await;
                return Ok(());
            };
            self.fill(writer, completeness, &reread).await?;
        }
    }

    async fn fill(
        &self,
        writer: &mut Writer,
        completeness: &mut Completeness,
        reread: &Reread,
    ) -> Result<(), StoreError> {
        if let Some(missing) = completeness.fill(&self.store, writer, reread).await? {
            self.found_missing(missing);
        }
        Ok(())
    }

    async fn idle(&self) {
        // Whether it was woken or not, it is time.
        let _ = timeout(self.options.interval, self.wake.notified()).await;
    }

    /// Takes note of what a check found; it is published with what the store has.
    fn found_missing(&self, missing: Missing) {
        let missing = Some(Arc::new(missing));
        self.status.send_if_modified(|status| {
            status.missing = missing;
            false
        });
    }

    /// Publishes what the store has, and until when, in Unix seconds, all that the ledger had is in it, where that is known
    /// now.
    async fn observe(
        &self,
        is_ingesting: bool,
        read_at: Option<i64>,
        problem: Option<Standstill>,
    ) -> Result<(), StoreError> {
        let known = self.status.borrow().clone();
        let status = Status {
            is_ingesting,
            read_at: known.read_at.max(read_at),
            problem,
            ..known
        };
        let status = status.with_stored(&self.store).await?;
        self.status.send_replace(status);
        Ok(())
    }

    /// Publishes that the store is away; what it had is the last that is known.
    fn fail(&self, error: &IngestError) {
        let cause = if matches!(error, IngestError::OtherLedger { .. }) {
            Cause::OtherLedger
        } else {
            Cause::Store
        };
        self.status.send_modify(|status| {
            status.is_ingesting = false;
            let problem = Standstill::new(status.problem.as_ref(), error.to_string(), cause);
            status.problem = Some(problem);
        });
    }
}
