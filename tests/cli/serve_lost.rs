//! `ebb serve`: what a fork dropped, and what no node has any more.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        serve_history::{
            events, metrics_with, of, served, walked, DEVICE_HISTORY, HISTORY, STREAM,
        },
        server::Server,
    },
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        event::EventKind,
        history::{Cursor, Record},
        ledger::{Finality, Ledger},
        pda, ID,
    },
    ebb_serve::{
        ingest::Ingest,
        store::{
            Fate, Identity, Intake, Location, Range, RegistrationKey, Selection, Store, Subject,
            Walked, Writer,
        },
    },
    serde_json::{json, Value},
    std::sync::Arc,
    tokio::runtime::Runtime,
};

/// A store of a ledger, which this test writes to in place of a server.
struct Kept {
    runtime: Runtime,
    store: Store,
    writer: Writer,
}

impl Kept {
    /// A store with all that the ledger has.
    fn new(fleet: &Fleet, location: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let (store, writer) = runtime.block_on(async {
            let ledger =
                EmbeddedLedger::open(fleet.lab.ledger(), EmbeddedOptions::default()).unwrap();
            let identity = Identity {
                genesis: ledger.genesis().await.unwrap(),
                program: ID,
            };
            let location: Location = location.parse().unwrap();
            let store = Store::open(&location, identity).await.unwrap();
            let mut writer = store.try_writer().await.unwrap().unwrap();
            let client = ebb_sdk::client::Client::new(Arc::new(ledger), ID);
            let ingest = Ingest::new(client, store.clone(), Arc::default(), Default::default());
            ingest.catch_up(&mut writer).await.unwrap();
            (store, writer)
        });
        Self {
            runtime,
            store,
            writer,
        }
    }

    /// A record as the device's last one, with another sequence and in a later slot.
    fn record(&self, sequence: u64, is_final: bool) -> Record {
        let selection = Selection {
            subject: Some(Subject::Address(pda::device(&ID, DEVICE).0)),
            since: None,
        };
        let history = self.store.history(&selection, None, 100);
        let mut record = self
            .runtime
            .block_on(history)
            .unwrap()
            .pop()
            .unwrap()
            .record;
        record.event.kind = EventKind::HealthReported;
        record.event.slot += sequence;
        record.event.sequence = sequence;
        record.signature = [u8::try_from(sequence).unwrap(); 64].into();
        record.is_final = is_final;
        record
    }

    fn append(&mut self, record: &Record) {
        let cursor = Cursor {
            slot: record.event.slot,
            anchors: vec![record.signature],
        };
        let intake = Intake {
            records: std::slice::from_ref(record),
            dead_letters: &[],
            walked: Some(Walked {
                finality: if record.is_final {
                    Finality::Final
                } else {
                    Finality::Confirmed
                },
                cursor: &cursor,
                is_continuous: true,
            }),
        };
        self.runtime.block_on(self.writer.append(intake)).unwrap();
    }

    fn lose(&mut self, first: u64, last: u64) {
        let range = Range {
            address: pda::device(&ID, DEVICE).0,
            registration: Some(RegistrationKey {
                contributor: pda::contributor(&ID, "co01").0,
                generation: 1,
            }),
            first,
            last,
        };
        let ranges = [range];
        let noted = self.writer.set_lost_ranges(&ranges);
        self.runtime.block_on(noted).unwrap();
    }
}

/// Runs a test over a file and over a PostgreSQL database.
fn over_each_store(test: fn(&Fleet, &str)) {
    let fleet = Fleet::with_sessions(0);
    let file = fleet.lab.path().join("kept.sqlite");
    test(&fleet, file.to_str().unwrap());
    #[cfg(unix)]
    if let Some(postgresql) = ebb_postgresql::Server::start() {
        test(&fleet, &postgresql.database("kept"));
    }
}

/// Sequence, signature and finality of the events of a document.
fn sequences(document: &Value) -> Vec<Value> {
    let of = |event: &Value| json!([event["sequence"], event["signature"], event["final"]]);
    events(document).iter().map(of).collect()
}

#[test]
fn what_a_fork_dropped_is_listed_no_more_and_streamed_as_retracted() {
    over_each_store(|fleet, location| {
        let mut kept = Kept::new(fleet, location);
        let server = Server::start_with(&fleet.lab, &["--history", location]);
        let before = served(&server, &walked(fleet));
        let mut stream = server.stream(&format!("{STREAM}?after={}", of(&before, "cursor")));
        let dropped = kept.record(3, false);
        kept.append(&dropped);
        let happened = stream.next().unwrap();
        let signature = dropped.signature.to_string();
        let what = |data: &Value| json!([data["sequence"], data["signature"], data["final"]]);
        let confirmed = json!([3, signature, false]);
        assert_eq!(
            (happened.name.as_str(), what(&happened.data)),
            ("happened", confirmed.clone())
        );
        for path in [HISTORY, DEVICE_HISTORY] {
            let listed = sequences(&server.json(path));
            assert_eq!(listed.last(), Some(&confirmed), "{path}");
        }

        let fates = [(dropped.signature, Fate::Dropped)];
        let resolved = kept.runtime.block_on(kept.writer.resolve(&fates));
        assert_eq!(resolved.unwrap(), 1);
        let retracted = stream.next().unwrap();
        assert_eq!(retracted.name, "retracted");
        for key in ["address", "generation", "sequence", "signature", "event"] {
            assert_eq!(retracted.data[key], happened.data[key], "{key}");
        }
        let after = server.json(DEVICE_HISTORY);
        assert_eq!(after["events"], before["events"]);
        assert_eq!(
            (&after["complete"], &after["gaps"]),
            (&json!(true), &json!([]))
        );
        let listed = sequences(&server.json(HISTORY));
        assert!(!listed.contains(&confirmed), "{listed:?}");

        // Who comes later hears both; the same sequence is then another transaction's.
        let mut late = server.stream(&format!("{STREAM}?after={}", of(&before, "cursor")));
        let names = [(); 2].map(|()| late.next().unwrap().name);
        assert_eq!(names, ["happened", "retracted"]);
        let mut replaced = kept.record(3, true);
        replaced.signature = [33; 64].into();
        kept.append(&replaced);
        for stream in [&mut stream, &mut late] {
            let event = stream.next().unwrap();
            let signature = replaced.signature.to_string();
            assert_eq!(
                (event.name.as_str(), what(&event.data)),
                ("happened", json!([3, signature, true]))
            );
        }
    });
}

#[test]
fn the_history_of_a_ledger_that_was_made_anew_is_away_and_stays_as_it_is() {
    let fleet = Fleet::with_sessions(0);
    let lab = &fleet.lab;
    let server = Server::start(lab);
    served(&server, &walked(&fleet));
    let whole = server.json(HISTORY);
    let mut stream = server.stream(&format!("{STREAM}?after={}", of(&whole, "cursor")));
    let open = || EmbeddedLedger::open(lab.ledger(), EmbeddedOptions::default()).unwrap();
    let runtime = Runtime::new().unwrap();
    let genesis = || runtime.block_on(open().genesis()).unwrap();
    let old = genesis();
    lab.ebb(&["ledger", "reset", "--yes"]).exits(0);
    lab.ebb(&["init"]).exits(0);
    let reason = format!(
        "the history store is of the ledger with genesis {old}, and at its address there is now one with genesis {}; \
         start the server anew",
        genesis()
    );
    for path in [HISTORY, DEVICE_HISTORY, STREAM] {
        let problem = server.json_when(path, |it| it["status"] == 503);
        assert_eq!(problem["detail"], reason, "{path}");
    }
    assert!(stream.next().is_none());
    let location = Location::File(lab.path().join("history.sqlite"));
    let identity = Identity {
        genesis: old,
        program: ID,
    };
    let count = runtime.block_on(async {
        let store = Store::open(&location, identity).await.unwrap();
        store.event_count().await.unwrap()
    });
    assert_eq!(count, events(&whole).len() as u64);
}

#[test]
fn a_lost_range_is_named_and_counted() {
    over_each_store(|fleet, location| {
        let mut kept = Kept::new(fleet, location);
        let server = Server::start_with(&fleet.lab, &["--history", location]);
        let before = served(&server, &walked(fleet));
        metrics_with(&server, "\nebb_history_lost_ranges 0\n");
        let record = kept.record(6, true);
        kept.append(&record);
        let gap = |lost: bool| json!([{ "registration": 1, "from": 3, "to": 5, "lost": lost }]);
        let is_open = |document: &Value| document["gaps"] == gap(false);
        let document = server.json_when(DEVICE_HISTORY, is_open);
        assert_eq!(document["complete"], false);
        kept.lose(3, 5);
        let is_lost = |document: &Value| document["gaps"] == gap(true);
        let document = server.json_when(DEVICE_HISTORY, is_lost);
        assert_eq!(document["complete"], false);
        let all = events(&document);
        assert_eq!(all.len(), events(&before).len() + 1);
        assert_eq!(all.last().unwrap()["sequence"], 6);
        metrics_with(&server, "\nebb_history_lost_ranges 1\n");
    });
}
