//! `ebb history`

use {
    crate::support::{Lab, Run},
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::Ledger,
        ID,
    },
    ebb_serve::{
        ingest::Ingest,
        store::{Identity, Location, Store, Writer},
    },
    serde_json::json,
    std::{fs, path::Path, sync::Arc},
    tokio::runtime::Runtime,
};

/// Reads the ledger of a lab into a store, as a server does, and returns the store's lock.
fn ingest(lab: &Lab, runtime: &Runtime, store: &Path) -> Writer {
    runtime.block_on(async {
        let ledger = EmbeddedLedger::open(lab.ledger(), EmbeddedOptions::default()).unwrap();
        let identity = Identity {
            genesis: ledger.genesis().await.unwrap(),
            program: ID,
        };
        let location = Location::File(store.to_owned());
        let store = Store::open(&location, identity).await.unwrap();
        let client = Client::new(Arc::new(ledger), ID);
        let mut writer = store.try_writer().await.unwrap().unwrap();
        let ingest = Ingest::new(client, store, Arc::default(), Default::default());
        ingest.catch_up(&mut writer).await.unwrap();
        writer
    })
}

struct Kept {
    lab: Lab,
    store: String,
}

/// A ledger with a device, and a store of its five events.
fn kept() -> Kept {
    let (lab, ..) = Lab::in_service();
    let store = lab.path().join("a.sqlite");
    let runtime = Runtime::new().unwrap();
    let writer = ingest(&lab, &runtime, &store);
    runtime.block_on(writer.close());
    Kept {
        store: store.to_str().unwrap().to_owned(),
        lab,
    }
}

impl Kept {
    fn history(&self, words: &[&str], store: &str) -> Run {
        let words = [&["history"], words, &["--history", store]].concat();
        self.lab.ebb(&words)
    }
}

#[test]
fn a_history_goes_from_store_to_store_and_is_complete_there() {
    let kept = kept();
    let lines = kept.history(&["export"], &kept.store).exits(0).stdout;
    let events: Vec<_> = lines
        .lines()
        .skip(1)
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            (
                line["event"].clone(),
                line["code"].clone(),
                line["sequence"].clone(),
            )
        })
        .collect();
    let expected = [
        ("initialized", json!(null), 1),
        ("location-created", json!("ams"), 1),
        ("contributor-created", json!("co01"), 1),
        ("device-created", json!("ams-dz001"), 1),
        ("device-activated", json!("ams-dz001"), 2),
    ];
    assert_eq!(
        events,
        expected.map(|(event, code, sequence)| (json!(event), code, json!(sequence)))
    );
    let file = kept.lab.file("history.jsonl", &lines);
    let other = kept.lab.path().join("b.sqlite");
    let other = other.to_str().unwrap();
    let imported = kept.history(&["import", &file, "--output", "json"], other);
    let expected = json!({"schema_version": 1, "events": 5, "new": 5});
    assert_eq!(imported.exits(0).json(), expected);
    assert_eq!(kept.history(&["export"], other).exits(0).stdout, lines);
    let verdict = kept
        .history(&["verify", "--output", "json"], other)
        .exits(0)
        .json();
    let expected =
        json!({"schema_version": 1, "complete": true, "accounts": 4, "events": 5, "missing": []});
    assert_eq!(verdict, expected);
    kept.history(&["verify"], other)
        .exits(0)
        .says("complete: 5 events of 4 accounts");
    let again = kept.history(&["import", &file], other).exits(0);
    assert_eq!(again.stdout, "Events  5\nNew     0\n");
}

#[test]
fn what_is_missing_is_named() {
    let kept = kept();
    for health in ["healthy", "unhealthy"] {
        let report = ["device", "report-health", "ams-dz001", health];
        kept.lab.ebb(&report).exits(0);
    }
    let missing = kept
        .history(&["verify", "--output", "json"], &kept.store)
        .exits(1)
        .json();
    let device = ebb_sdk::pda::device(&ID, "ams-dz001").0.to_string();
    let contributor = ebb_sdk::pda::contributor(&ID, "co01").0.to_string();
    let hole = json!({
        "code": "ams-dz001", "address": device, "contributor": contributor, "generation": 1, "first": 3, "last": 4,
        "lost": false
    });
    assert_eq!(missing["missing"], json!([hole]));
    assert_eq!(missing["complete"], json!(false));
    kept.history(&["verify"], &kept.store)
        .exits(1)
        .says("FIRST")
        .says(&device);
}

#[test]
fn a_store_is_in_the_data_directory_unless_it_is_named() {
    let kept = kept();
    let lines = kept.history(&["export"], &kept.store).exits(0).stdout;
    let file = kept.lab.file("history.jsonl", &lines);
    kept.lab
        .ebb(&["history", "verify"])
        .exits(3)
        .warns("there is no history store at")
        .warns("--history");
    kept.lab.ebb(&["history", "import", &file]).exits(0);
    kept.lab.ebb(&["history", "verify"]).exits(0);
    let folder = kept.lab.path().join(".local/share/ebb/history");
    let names = fs::read_dir(folder).unwrap();
    let names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(&format!("-{ID}.sqlite")))
        .collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn a_store_or_file_that_cannot_be_used_is_refused() {
    let kept = kept();
    let lines = kept.history(&["export"], &kept.store).exits(0).stdout;
    let file = kept.lab.file("history.jsonl", &lines);
    let cut = kept.lab.file("cut.jsonl", &lines[..lines.len() - 9]);
    kept.history(&["import", &cut], &kept.store)
        .exits(2)
        .warns("cut.jsonl: line 6: it is no event, lost range or unreadable transaction");
    let absent = kept.lab.path().join("absent.sqlite");
    kept.history(&["export"], absent.to_str().unwrap())
        .exits(3)
        .says_nothing();
    kept.history(&["export"], &file)
        .exits(2)
        .warns("is no history store");
    kept.history(&["import", "absent.jsonl"], &kept.store)
        .exits(2)
        .warns("cannot read absent.jsonl");
    kept.history(&["verify"], "mysql://S3cretUser:S3cretWord@db/ebb")
        .exits(2)
        .warns("right is postgres://USER@HOST/DATABASE");
    let other = Lab::initialized();
    other
        .ebb(&["history", "verify", "--history", &kept.store])
        .exits(2)
        .warns("the history store is of the ledger with genesis");
}

#[test]
fn an_import_waits_for_nobody() {
    let kept = kept();
    let lines = kept.history(&["export"], &kept.store).exits(0).stdout;
    let file = kept.lab.file("history.jsonl", &lines);
    let runtime = Runtime::new().unwrap();
    let store = Path::new(&kept.store);
    let writer = ingest(&kept.lab, &runtime, store);
    kept.history(&["import", &file], &kept.store)
        .exits(1)
        .warns("another process writes to the history store");
    // Reading goes on beside a writer.
    kept.history(&["verify"], &kept.store).exits(0);
    runtime.block_on(writer.close());
    kept.history(&["import", &file], &kept.store).exits(0);
}
