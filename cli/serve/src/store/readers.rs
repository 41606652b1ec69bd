//! Connections that read.

use {
    super::{limit::within, StoreError},
    sqlx::{
        any::{AnyArguments, AnyConnectOptions, AnyRow},
        pool::PoolConnection,
        query::Query,
        Any, AnyConnection, AnyPool,
    },
    std::{
        fmt,
        sync::{Arc, Mutex, PoisonError},
        time::Duration,
    },
    tokio::{
        sync::{Semaphore, SemaphorePermit},
        time::{timeout, Instant},
    },
};

/// How many queries are answered at once.
pub(super) const READERS: u32 = 8;
/// How long a query waits for others to end.
const BUSY: Duration = Duration::from_secs(10);

/// Connections that read, as many as there may be. A query waits long for others to end and shortly for a connection: so an
/// outage is reported soon, and a load is none.
#[derive(Clone)]
pub(super) struct Readers {
    pool: AnyPool,
    permits: Arc<Semaphore>,
    /// When a query last failed to connect.
    failed_at: Arc<Mutex<Option<Instant>>>,
}

/// A connection of which nobody else reads.
pub(super) struct Reader<'a> {
    connection: PoolConnection<Any>,
    has_answered: bool,
    _permit: SemaphorePermit<'a>,
}

impl Readers {
    /// Connections that take no longer than this to be made, and are set up so.
    pub fn new(options: AnyConnectOptions, connect_within: Duration, set_up: &'static str) -> Self {
        let pool = sqlx::any::AnyPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(connect_within)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    sqlx::Executor::execute(connection, set_up).await?;
                    Ok(())
                })
            });
        Self {
            pool: pool.connect_lazy_with(options),
            permits: Arc::new(Semaphore::new(READERS as usize)),
            failed_at: Arc::default(),
        }
    }

    /// What a connection answers to `ask`, which may take as long as `limit`.
    ///
    /// # Errors
    /// The database is away or does not answer in time, too many queries take too long, or it fails.
    pub async fn ask<T, E: Into<StoreError>>(
        &self,
        limit: Duration,
        ask: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        let mut reader = self.get().await?;
        let answer = async {
            let answer = ask(&mut reader.connection).await;
            reader.has_answered = true;
            answer
        };
        within(limit, answer).await
    }

    /// The rows that a query returns.
    ///
    /// # Errors
    /// As [`Readers::ask`].
    pub async fn rows(
        &self,
        limit: Duration,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let ask = async |connection: &mut AnyConnection| query.fetch_all(connection).await;
        self.ask(limit, ask).await
    }

    /// The row that a query returns.
    ///
    /// # Errors
    /// As [`Readers::ask`].
    pub async fn row(
        &self,
        limit: Duration,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<AnyRow, StoreError> {
        let ask = async |connection: &mut AnyConnection| query.fetch_one(connection).await;
        self.ask(limit, ask).await
    }

    pub(super) async fn get(&self) -> Result<Reader<'_>, StoreError> {
        let asked_at = Instant::now();
        let permit = timeout(BUSY, self.permits.acquire()).await;
        let permit = permit.ok().and_then(Result::ok);
        let permit = permit.ok_or(sqlx::Error::PoolTimedOut)?;
        // Those who waited with the one who failed need not wait for as long again.
        let failed_at = *self.lock();
        if failed_at.is_some_and(|failed_at| failed_at >= asked_at) {
            return Err(sqlx::Error::PoolTimedOut.into());
        }
        match self.pool.acquire().await {
            Ok(connection) => Ok(Reader {
                connection,
                has_answered: false,
                _permit: permit,
            }),
            Err(error) => {
                *self.lock() = Some(Instant::now());
                Err(error.into())
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reader<'_> {
    /// Ends a connection that owes an answer: the pool would wait for it, however long that takes.
    fn drop(&mut self) {
        if !self.has_answered {
            self.connection.close_on_drop();
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::store::{limit::ANSWER, tests::frozen::StandStill},
        ebb_postgresql::Server,
        std::{net::TcpListener, str::FromStr},
    };

    #[tokio::test(start_paused = true)]
    async fn a_database_that_is_away_is_reported_within_the_time_to_connect() {
        sqlx::any::install_default_drivers();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // Once it takes connections and says nothing, and once nobody listens.
        for listener in [Some(listener), None] {
            let url = format!("postgres://ebb@127.0.0.1:{port}/ebb");
            let options = AnyConnectOptions::from_str(&url).unwrap();
            let readers = Readers::new(options, Duration::from_secs(1), "SELECT 1");
            let began = Instant::now();
            let asked = (0..100).map(|_| readers.row(ANSWER, sqlx::query("SELECT 2")));
            for answer in futures_util::future::join_all(asked).await {
                let error = answer.err().unwrap();
                assert!(error.is_outage(), "{error}");
            }
            assert!(began.elapsed() < Duration::from_millis(1_100));
            drop(listener);
        }
    }

    #[test]
    fn a_query_that_is_given_up_keeps_no_place() {
        let Some(server) = Server::start() else {
            return;
        };
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(&server.database("given_up")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let readers = Readers::new(options, Duration::from_secs(1), "SELECT 1");
            let mut still = None;
            let ask = async |connection: &mut AnyConnection| {
                still = Some(StandStill::of(&server));
                sqlx::query("SELECT 2").fetch_one(connection).await
            };
            let began = Instant::now();
            let error = readers.ask(ANSWER, ask).await.err().unwrap();
            assert!(error.is_outage(), "{error}");
            assert!(began.elapsed() < ANSWER + Duration::from_secs(1));
            let given_back = async {
                while readers.pool.size() > 0 {
                    tokio::task::yield_now().await;
                }
            };
            timeout(Duration::from_secs(60), given_back).await.unwrap();
            drop(still);
            let query = sqlx::query("SELECT 3");
            readers.row(ANSWER, query).await.unwrap();
        });
    }

    #[tokio::test]
    async fn a_query_waits_for_others_longer_than_for_a_connection() {
        sqlx::any::install_default_drivers();
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("a").display());
        let options = AnyConnectOptions::from_str(&url).unwrap();
        let connect_within = Duration::from_secs(5);
        let readers = Readers::new(options, connect_within, "SELECT 1");
        let mut held = vec![];
        for _ in 0..READERS {
            held.push(readers.get().await.unwrap());
        }
        tokio::time::pause();
        let waiting = readers.clone();
        let waiting = tokio::spawn(async move { waiting.get().await.map(drop) });
        tokio::time::sleep(connect_within + Duration::from_secs(1)).await;
        assert!(!waiting.is_finished());
        tokio::time::resume();
        held.pop();
        waiting.await.unwrap().unwrap();
    }
}
