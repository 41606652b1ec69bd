//! What only files can do to a store.

use {
    super::{append, open, tape, Home, IDENTITY},
    crate::store::{Location, Selection, Store, StoreError},
    ebb_sdk::ledger::Finality::Confirmed,
    sqlx::{Connection, Executor, SqliteConnection},
    std::{fs, path::Path},
};

async fn error_of(location: &Location) -> StoreError {
    Store::open(location, IDENTITY).await.unwrap_err()
}

async fn run(file: &Path, sql: &'static str) {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    Store::open(&dir.location("a"), IDENTITY).await.unwrap();
    let newer =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99, 'newer', 1, x'00', 0)";
    run(&dir.path().join("a.sqlite"), newer).await;
    assert_eq!(
        error_of(&dir.location("a")).await.to_string(),
        "the history store has format 99, which is newer than this version reads; use a newer ebb"
    );
}

#[tokio::test]
async fn a_file_of_an_older_version_gets_what_it_lacks_and_keeps_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut writer) = open(&dir, "a").await;
    append(
        &mut writer,
        Confirmed,
        109,
        &tape::life(tape::device(1), 1, 100, 10),
    )
    .await;
    writer.close().await;
    let before = store.appended(&Selection::default(), 0, 100).await.unwrap();
    drop(store);
    run(&dir.path().join("a.sqlite"), super::BACK_TO_FIRST_FORMAT).await;
    let store = Store::open(&dir.location("a"), IDENTITY).await.unwrap();
    let after = store.appended(&Selection::default(), 0, 100).await.unwrap();
    assert_eq!((after.len(), &after), (10, &before));
    let url = format!("sqlite://{}", dir.path().join("a.sqlite").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let indices = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'event_time'";
    let count: i64 = sqlx::query_scalar(indices)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_file_that_is_something_else_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("a.sqlite");
    fs::write(&text, "a letter, and a long one: ".repeat(100)).unwrap();
    let before = fs::read(&text).unwrap();
    assert_eq!(
        error_of(&dir.location("a")).await.to_string(),
        "the file is no history store; name another file, or one that does not exist"
    );
    assert_eq!(fs::read(&text).unwrap(), before);

    let places = dir.path().join("b.sqlite");
    run(&places, "CREATE TABLE bookmark (url TEXT)").await;
    let error = error_of(&dir.location("b")).await.to_string();
    let expected = format!(
        "{} is no history store; name another file, or one that does not exist",
        places.display()
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_store_that_is_opened_at_once_by_many_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let location = dir.location("a");
    let opens = (0..8).map(|_| Store::open(&location, IDENTITY));
    for store in futures_util::future::join_all(opens).await {
        assert_eq!(store.unwrap().position().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_file_is_where_its_path_says() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["plain", "a b", "50%20", "wh?t#", "zürich"] {
        let folder = dir.path().join("deep").join(name);
        let location = Location::in_folder(&folder, &IDENTITY);
        Store::open(&location, IDENTITY).await.unwrap();
        let file = format!("{}-{}.sqlite", IDENTITY.genesis, IDENTITY.program);
        assert!(folder.join(file).metadata().unwrap().len() > 0, "{name}");
    }
}

#[tokio::test]
async fn a_store_is_its_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (store, mut writer) = open(&dir, "a").await;
    append(
        &mut writer,
        Confirmed,
        100,
        &[tape::created(tape::device(1), 1, 100)],
    )
    .await;
    assert_eq!(
        store
            .appended(&Selection::default(), 0, 9)
            .await
            .unwrap()
            .len(),
        1
    );
    let mut names = vec![];
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(
        names,
        ["a.sqlite", "a.sqlite-shm", "a.sqlite-wal", "a.sqlite.lock"]
    );
}

#[test]
fn where_a_store_is_can_be_written() {
    let file: Location = "history.sqlite".parse().unwrap();
    assert_eq!(file, Location::File("history.sqlite".into()));
    assert!(matches!(
        "postgres://ebb@db/ebb".parse(),
        Ok(Location::Postgres(_))
    ));
    assert!(matches!(
        "postgresql:///ebb".parse(),
        Ok(Location::Postgres(_))
    ));
    let error = "mysql://db/ebb".parse::<Location>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "a URL of scheme mysql is no address of a PostgreSQL database; right is postgres://USER@HOST/DATABASE"
    );
}
