//! A PostgreSQL server whose processes stand still: connections stay, and nothing is answered.

use {
    super::{append, cursor, open, postgres::Databases, tape, walked, Home, IDENTITY},
    crate::store::{
        limit::{ANSWER, CONNECT, CONNECT_TO_READ},
        Fate, RegistrationKey, Selection, Store, StoreError,
    },
    ebb_postgresql::{Frozen, Server},
    ebb_sdk::ledger::Finality::Confirmed,
    sqlx::{Connection, Executor, PgConnection},
    std::{fmt::Debug, future::Future, time::Duration},
    tokio::time::{self, Instant},
};

/// A server that stands still until this is dropped, while the runtime's clock passes over what is waited for.
pub struct StandStill {
    _frozen: Frozen,
}

impl StandStill {
    /// Makes a server stand still. The runtime has one thread.
    pub fn of(server: &Server) -> Self {
        let _frozen = server.freeze();
        time::pause();
        Self { _frozen }
    }
}

impl Drop for StandStill {
    fn drop(&mut self) {
        time::resume();
    }
}

#[test]
fn what_a_server_that_stands_still_leaves() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(every_query_is_given_up(&server));
    runtime.block_on(an_append_that_was_given_up_is_done_once(&server));
}

/// Waits for an answer that does not come, for as long as the limit.
async fn given_up<T: Debug>(limit: Duration, answer: impl Future<Output = Result<T, StoreError>>) {
    let began = Instant::now();
    let error = answer.await.unwrap_err();
    assert!(error.is_outage(), "{error}");
    let took = began.elapsed();
    assert!(took < limit + Duration::from_secs(1), "{took:?}");
}

async fn every_query_is_given_up(server: &Server) {
    let database = Databases::new(server, "frozen");
    let location = database.location("a");
    let (store, mut writer) = open(&database, "a").await;
    let device = tape::device(10);
    let records = tape::life(device, 1, 100, 10);
    append(&mut writer, Confirmed, 104, &records[..5]).await;
    let registration = RegistrationKey {
        contributor: tape::CONTRIBUTOR,
        generation: 1,
    };

    let still = StandStill::of(server);
    let at = cursor(109);
    given_up(ANSWER, writer.append(walked(Confirmed, &at, &records))).await;
    let fates = [(records[0].signature, Fate::Final)];
    given_up(ANSWER, writer.resolve(&fates)).await;
    given_up(ANSWER, writer.adopt(&device, registration)).await;
    given_up(ANSWER, writer.set_lost_ranges(&[])).await;
    given_up(ANSWER, writer.cursor(Confirmed)).await;
    given_up(CONNECT, store.try_writer()).await;
    given_up(CONNECT, Store::open(&location, IDENTITY)).await;
    given_up(CONNECT_TO_READ, store.cursor(Confirmed)).await;
    given_up(CONNECT_TO_READ, store.gaps()).await;
    drop((still, writer));

    let entries = store.appended(&Selection::default(), 0, 100).await.unwrap();
    assert_eq!(entries.len(), 5);
}

async fn an_append_that_was_given_up_is_done_once(server: &Server) {
    let database = Databases::new(server, "cut");
    let (store, mut writer) = open(&database, "a").await;
    let records = tape::life(tape::device(10), 1, 100, 10);
    append(&mut writer, Confirmed, 104, &records[..5]).await;
    let connect = async || PgConnection::connect(&server.url("cut_a")).await.unwrap();
    let (mut holder, mut observer) = (connect().await, connect().await);
    holder.execute("BEGIN").await.unwrap();
    holder
        .execute("LOCK TABLE event IN SHARE MODE")
        .await
        .unwrap();
    let all = records.clone();
    let appending = tokio::spawn(async move {
        let at = cursor(109);
        writer.append(walked(Confirmed, &at, &all)).await
    });
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted";
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(&mut observer)
        .await
        .unwrap()
        == 0
    {}

    let still = StandStill::of(server);
    let error = appending.await.unwrap().unwrap_err();
    assert!(error.is_outage(), "{error}");
    drop(still);

    // The server ends what it had begun, and the lock with it, although it still waits for the table.
    let mut writer = loop {
        if let Some(writer) = store.try_writer().await.unwrap() {
            break writer;
        }
    };
    holder.execute("ROLLBACK").await.unwrap();
    let appended = append(&mut writer, Confirmed, 109, &records).await;
    assert_eq!(appended.events, 5);
    let entries = store.appended(&Selection::default(), 0, 100).await.unwrap();
    let read: Vec<_> = entries.into_iter().map(|entry| entry.record).collect();
    assert_eq!(read, records);
}
