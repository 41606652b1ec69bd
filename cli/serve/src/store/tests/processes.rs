//! Stores whose writers are killed, and one whose disk is full.

use {
    super::{
        cursor,
        postgres::Databases,
        tape::{self, life},
        walked, Home, IDENTITY,
    },
    crate::store::{Location, Selection, Store, Writer},
    ebb_postgresql::Server,
    ebb_sdk::{history::Record, ledger::Finality::Confirmed},
    std::{
        env,
        io::{self, BufRead, BufReader, Read, Write},
        process::{Child, Command, Stdio},
        thread,
        time::Duration,
    },
};

/// In a child process: where the store is.
const STORE: &str = "EBB_TEST_STORE";
/// How many events there are, in slots from the first on.
const EVENTS: u64 = 9_000;
const FIRST_SLOT: u64 = 1_000;
/// How many of them a batch has.
const BATCH: usize = 9;

fn records() -> Vec<Record> {
    life(tape::device(10), 1, FIRST_SLOT, EVENTS)
}

fn text(location: &Location) -> String {
    match location {
        Location::File(file) => file.display().to_string(),
        Location::Postgres(url) => url.expose().to_owned(),
    }
}

/// Starts this very test program with nothing but one test.
fn start(test: &str, location: &Location, shell: &str) -> Child {
    Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\" \"$@\"")])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &format!("store::tests::processes::{test}")])
        .args(["--ignored", "--nocapture"])
        .env(STORE, text(location))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The store of a child process, and the rest of what is to be appended to it.
async fn opened(location: &str) -> (Store, Writer, Vec<Record>) {
    let location: Location = location.parse().unwrap();
    let store = Store::open(&location, IDENTITY).await.unwrap();
    let mut writer = locked(&store).await;
    let cursor = writer.cursor(Confirmed).await.unwrap().unwrap_or_default();
    let mut rest = records();
    rest.retain(|record| record.event.slot > cursor.slot);
    (store, writer, rest)
}

/// The store's writer, once nobody else is.
async fn locked(store: &Store) -> Writer {
    loop {
        if let Some(writer) = store.try_writer().await.unwrap() {
            return writer;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The child process: appends the rest and prints what is committed.
#[tokio::test]
#[ignore = "started by another test"]
async fn writer() {
    let Ok(location) = env::var(STORE) else {
        return;
    };
    let (_, mut writer, rest) = opened(&location).await;
    for records in rest.chunks(BATCH) {
        let slot = records.last().unwrap().event.slot;
        let at = cursor(slot);
        writer
            .append(walked(Confirmed, &at, records))
            .await
            .unwrap();
        println!("appended {slot}");
    }
}

/// Kills writers at many moments; what each has reported is there, once and in order, and nothing is half there.
async fn kill_writers(location: &Location, kills: u64) {
    let store = Store::open(location, IDENTITY).await.unwrap();
    let records = records();
    let mut killed_at_work = 0;
    let mut before = 0;
    for kill in 0..kills {
        let mut child = start("writer", location, "");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let slot = |line: io::Result<String>| -> Option<u64> {
            line.ok()?.strip_prefix("appended ")?.parse().ok()
        };
        // Every other is killed while it opens the store.
        let mut reported = match kill % 2 {
            0 => lines.by_ref().find_map(slot),
            _ => None,
        };
        thread::sleep(Duration::from_micros(kill * 401));
        child.kill().unwrap();
        child.wait().unwrap();
        reported = lines.filter_map(slot).last().or(reported);
        // A server may still be ending what the killed one had begun.
        locked(&store).await.close().await;

        let entries = store
            .appended(&Selection::default(), 0, 10_000)
            .await
            .unwrap();
        let read: Vec<_> = entries.iter().map(|entry| entry.record.clone()).collect();
        assert_eq!(read, records[..read.len()]);
        let positions: Vec<_> = entries.iter().map(|entry| entry.position).collect();
        assert_eq!(positions, (1..=read.len() as i64).collect::<Vec<_>>());
        let slot = read.last().map(|record| record.event.slot);
        let cursor = store.cursor(Confirmed).await.unwrap();
        assert_eq!(cursor.map(|cursor| cursor.slot), slot);
        assert!(
            reported <= slot,
            "{reported:?} was reported, {slot:?} is there"
        );
        killed_at_work += u64::from(read.len() > before);
        before = read.len();
    }
    assert!(killed_at_work >= kills / 3, "{killed_at_work}");
    let mut child = start("writer", location, "");
    let _ = child.stdout.take().unwrap().read_to_end(&mut vec![]);
    assert!(child.wait().unwrap().success());
    let entries = store
        .appended(&Selection::default(), 0, 10_000)
        .await
        .unwrap();
    let read: Vec<_> = entries.into_iter().map(|entry| entry.record).collect();
    assert_eq!(read, records);
}

#[tokio::test]
async fn a_writer_that_is_killed_loses_and_repeats_nothing() {
    let dir = tempfile::tempdir().unwrap();
    kill_writers(&dir.location("a"), 20).await;
}

#[test]
fn a_writer_that_is_killed_loses_and_repeats_nothing_over_postgresql() {
    let Some(server) = Server::start() else {
        return;
    };
    let location = Databases::new(&server, "killed").location("a");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(kill_writers(&location, 12));
}

/// The child process: appends until it fails, reports that, and goes on at a line on stdin.
#[tokio::test]
#[ignore = "started by another test"]
async fn on_a_full_disk() {
    let Ok(location) = env::var(STORE) else {
        return;
    };
    let (store, mut writer, rest) = opened(&location).await;
    for records in rest.chunks(BATCH) {
        let at = cursor(records.last().unwrap().event.slot);
        let Err(error) = writer.append(walked(Confirmed, &at, records)).await else {
            continue;
        };
        println!("failed {} {error}", error.is_outage());
        io::stdin().lock().read_line(&mut String::new()).unwrap();
        drop(writer);
        writer = locked(&store).await;
        writer
            .append(walked(Confirmed, &at, records))
            .await
            .unwrap();
    }
    println!("ended");
}

#[tokio::test]
async fn a_full_disk_is_reported_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let location = dir.location("a");
    let store = Store::open(&location, IDENTITY).await.unwrap();
    // No file may grow beyond 512 KiB, which a write then fails at as on a full disk.
    let mut child = start(
        "on_a_full_disk",
        &location,
        "trap '' XFSZ; ulimit -S -f 1024;",
    );
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = || {
        let line = lines.find_map(|line| {
            let line = line.unwrap();
            let at = line.find("failed ").or_else(|| line.find("ended"))?;
            Some(line[at..].to_owned())
        });
        line.unwrap()
    };
    let failed = said();
    let expected = [
        "failed true the history store is not available: disk I/O error",
        "failed true the history store is not available: database or disk is full",
    ];
    assert!(expected.contains(&failed.as_str()), "{failed}");
    let there = store.position().await.unwrap();
    assert!(there > 0 && there < EVENTS as i64, "{there}");
    let pid = child.id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited"])
        .status();
    assert!(lifted.unwrap().success());
    child.stdin.take().unwrap().write_all(b"go on\n").unwrap();
    assert_eq!(said(), "ended");
    assert!(child.wait().unwrap().success());
    let entries = store
        .appended(&Selection::default(), 0, 10_000)
        .await
        .unwrap();
    let read: Vec<_> = entries.into_iter().map(|entry| entry.record).collect();
    assert_eq!(read, records());
}
