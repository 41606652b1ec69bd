//! Stores in a PostgreSQL server of the test's own, and what only it can do to them.

use {
    super::{append, open, tape, walked, Home, IDENTITY},
    crate::store::{Appended, Location, Selection, Store},
    ebb_postgresql::Server,
    ebb_sdk::ledger::Finality::Confirmed,
    sqlx::{Connection, Executor, PgConnection},
};

/// A place in a server for the stores of a test.
pub struct Databases<'a> {
    server: &'a Server,
    name: String,
}

impl<'a> Databases<'a> {
    /// A place of this name.
    pub fn new(server: &'a Server, name: &str) -> Self {
        // A database's name has at most 63 bytes.
        let name = name.chars().take(50).collect();
        Self { server, name }
    }
}

impl Home for Databases<'_> {
    fn location(&self, name: &str) -> Location {
        let name = format!("{}_{name}", self.name);
        self.server.database(&name).parse().unwrap()
    }
}

#[test]
fn what_a_lost_server_and_a_lost_writer_leave() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(restart_in_the_middle(&server));
    runtime.block_on(a_writer_whose_session_ends_is_followed(&server));
    runtime.block_on(a_database_of_an_older_version_gets_what_it_lacks(&server));
}

async fn a_database_of_an_older_version_gets_what_it_lacks(server: &Server) {
    let database = Databases::new(server, "older");
    let (store, mut writer) = open(&database, "a").await;
    let records = tape::life(tape::device(10), 1, 100, 10);
    append(&mut writer, Confirmed, 109, &records).await;
    writer.close().await;
    let before = store.appended(&Selection::default(), 0, 100).await.unwrap();
    let mut admin = PgConnection::connect(&server.url("older_a")).await.unwrap();
    admin.execute(super::BACK_TO_FIRST_FORMAT).await.unwrap();
    let store = Store::open(&database.location("a"), IDENTITY)
        .await
        .unwrap();
    let after = store.appended(&Selection::default(), 0, 100).await.unwrap();
    assert_eq!((after.len(), &after), (10, &before));
    let indices = "SELECT COUNT(*) FROM pg_indexes WHERE indexname = 'event_time'";
    let count: i64 = sqlx::query_scalar(indices)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(count, 1);
}

async fn restart_in_the_middle(server: &Server) {
    let database = Databases::new(server, "restart");
    let (store, mut writer) = open(&database, "a").await;
    let records = tape::life(tape::device(10), 1, 100, 50);
    append(&mut writer, Confirmed, 124, &records[..25]).await;
    server.end();
    let at = super::cursor(149);
    let error = writer.append(walked(Confirmed, &at, &records)).await;
    assert!(error.unwrap_err().is_outage());
    let error = store.appended(&Selection::default(), 0, 100).await;
    assert!(error.unwrap_err().is_outage());
    assert!(store.try_writer().await.unwrap_err().is_outage());
    server.begin();
    let mut writer = store.try_writer().await.unwrap().unwrap();
    let appended = append(&mut writer, Confirmed, 149, &records).await;
    assert_eq!(appended.events, 25);
    let entries = store.appended(&Selection::default(), 0, 100).await.unwrap();
    let read: Vec<_> = entries.into_iter().map(|entry| entry.record).collect();
    assert_eq!(read, records);
}

async fn a_writer_whose_session_ends_is_followed(server: &Server) {
    let database = Databases::new(server, "followed");
    let (store, mut first) = open(&database, "a").await;
    let records = tape::life(tape::device(10), 1, 100, 10);
    append(&mut first, Confirmed, 104, &records[..5]).await;
    let other = Store::open(&database.location("a"), IDENTITY)
        .await
        .unwrap();
    assert!(other.try_writer().await.unwrap().is_none());
    let mut admin = PgConnection::connect(&server.url("followed_a"))
        .await
        .unwrap();
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    admin.execute(end).await.unwrap();
    let mut second = loop {
        if let Some(writer) = other.try_writer().await.unwrap() {
            break writer;
        }
    };
    append(&mut second, Confirmed, 109, &records).await;
    let at = super::cursor(109);
    let error = first.append(walked(Confirmed, &at, &records)).await;
    assert!(error.unwrap_err().is_outage());
    let again = append(&mut second, Confirmed, 109, &records).await;
    assert_eq!(again, Appended::default());
    assert_eq!(store.position().await.unwrap(), 10);
}
