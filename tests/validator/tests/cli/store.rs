//! `ebb history`: the store that a server keeps.

use {
    crate::lab::{json, validator, Lab, User},
    ebb_sdk::{client::Client, ledger::Ledger},
    ebb_serve::{
        ingest::Ingest,
        store::{Identity, Location, Store},
    },
    serde_json::{json, Value},
    std::{path::Path, sync::Arc},
};

pub const VERBS: [&str; 3] = ["history-export", "history-import", "history-verify"];

const DEVICE: &str = "ams-dz001";

/// Reads the ledger of a lab into a store, as a server does.
async fn ingest(lab: &Lab, file: &Path) {
    let ledger = validator().await.ledger();
    let identity = Identity {
        genesis: ledger.genesis().await.expect("it answers"),
        program: lab.program_id,
    };
    let store = Store::open(&Location::File(file.to_owned()), identity).await;
    let store = store.expect("it is made");
    let writer = store.try_writer().await.expect("it can be locked");
    let mut writer = writer.expect("nobody else writes");
    let client = Client::new(Arc::new(ledger), lab.program_id);
    let ingest = Ingest::new(client, store, Arc::default(), Default::default());
    let done = ingest.catch_up(&mut writer).await;
    done.expect("the ledger can be read");
    writer.close().await;
}

/// The events that a store prints: name, code and sequence.
async fn exported(user: &User, store: &str) -> (String, Value) {
    let run = user
        .ebb
        .run(&["history", "export", "--history", store])
        .await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let events = run.stdout.lines().skip(1).map(|line| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        json!([event["event"], event["code"], event["sequence"]])
    });
    let events = json!(events.collect::<Vec<_>>());
    (run.stdout, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_cluster_is_moved_and_is_complete() {
    let (lab, owner) = Lab::with_contributor().await;
    lab.device(&owner, "co01", DEVICE).await;
    // What a node has confirmed it may not have written down yet.
    validator().await.until_final().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.sqlite");
    ingest(&lab, &file).await;

    let store = file.to_str().expect("UTF-8");
    let (lines, events) = exported(&owner, store).await;
    let expected = json!([
        ["initialized", null, 1],
        ["location-created", "ams", 1],
        ["contributor-created", "co01", 1],
        ["device-created", DEVICE, 1],
        ["device-activated", DEVICE, 2],
    ]);
    assert_eq!(events, expected);
    owner.ebb.file("history.jsonl", &lines);
    let imported = owner
        .json("history import history.jsonl --history b.sqlite")
        .await;
    let counts = json!({ "schema_version": 1, "events": 5, "new": 5 });
    assert_eq!(imported, counts);
    assert_eq!(exported(&owner, "b.sqlite").await, (lines, expected));
    let verdict = owner.json("history verify --history b.sqlite").await;
    assert_eq!(verdict["complete"], true, "{verdict}");
    assert_eq!(verdict["missing"], json!([]));

    let drain = format!("device drain {DEVICE} --detach --yes");
    owner.changes(&drain).await;
    let run = owner.run("history verify --history b.sqlite").await;
    assert_eq!(run.code, Some(1), "{run:#?}");
    let verdict = json(&run);
    let missing = verdict["missing"].as_array().expect("a list");
    let ranges: Vec<_> = missing
        .iter()
        .map(|it| json!([it["code"], it["first"], it["last"]]))
        .collect();
    assert_eq!(ranges, [json!([DEVICE, 3, 3])]);
    let (_, events) = exported(&owner, "b.sqlite").await;
    assert_eq!(events.as_array().map(Vec::len), Some(5));
    lab.ran(&["history-import", "history-verify"]).await;
}
