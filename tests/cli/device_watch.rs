//! `ebb device watch`, on the ledger and through a server.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        server::Server,
        streaming::Streaming,
        stub::stub,
    },
    serde_json::{json, Value},
    std::sync::atomic::{AtomicU32, Ordering},
};

const LINES: [&str; 2] = ["--output", "json-lines"];

fn on_ledger(fleet: &Fleet, options: &[&str]) -> Streaming {
    Streaming::start(&fleet.lab, &[&["device", "watch"], options].concat())
}

fn on_server(fleet: &Fleet, server: &Server, options: &[&str]) -> Streaming {
    let verb = ["device", "watch", "--server", server.url()];
    Streaming::bare(&fleet.lab, &[&verb, options].concat())
}

/// What a line is of: the change, the code, the sequence that was shown before, and the last one.
fn line(watching: &mut Streaming) -> (String, String, Value, Value) {
    let line = watching.json();
    let text = |key: &str| line[key].as_str().unwrap().to_owned();
    (
        text("change"),
        text("code"),
        line["after"].clone(),
        line["sequence"].clone(),
    )
}

fn of(
    change: &str,
    code: &str,
    after: impl Into<Value>,
    sequence: impl Into<Value>,
) -> (String, String, Value, Value) {
    (
        change.to_owned(),
        code.to_owned(),
        after.into(),
        sequence.into(),
    )
}

fn step(fleet: &Fleet, verb: &str) {
    fleet.device(&[verb, DEVICE, "--yes"]).exits(0);
}

/// The network's oracle reports a health.
fn report(fleet: &Fleet, code: &str, health: &str) {
    fleet
        .lab
        .ebb(&["device", "report-health", code, health])
        .exits(0);
}

/// Watches a device through its life.
fn see_a_life(fleet: &Fleet, watching: &mut Streaming) {
    assert_eq!(line(watching), of("present", DEVICE, Value::Null, 2));
    assert_eq!(line(watching), of("present", "ams-dz002", Value::Null, 2));
    fleet.drain();
    let drained = watching.json();
    let keys: Vec<&String> = drained.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "schema_version",
            "change",
            "code",
            "address",
            "generation",
            "after",
            "sequence",
            "time",
            "device",
        ]
    );
    assert_eq!(
        (&drained["change"], &drained["after"]),
        (&json!("changed"), &json!(2))
    );
    let mut device = fleet.get(DEVICE);
    device
        .as_object_mut()
        .unwrap()
        .shift_remove("schema_version");
    assert_eq!(drained["device"], device);
    for key in ["code", "address", "generation", "sequence"] {
        assert_eq!(drained[key], device[key], "{key}");
    }
    step(fleet, "retire");
    assert_eq!(line(watching), of("changed", DEVICE, 3, 4));
    step(fleet, "remove");
    let removed = watching.json();
    assert_eq!(
        (
            &removed["change"],
            &removed["generation"],
            &removed["after"]
        ),
        (&json!("removed"), &json!(1), &json!(4))
    );
    assert_eq!(
        (&removed["sequence"], &removed["device"]),
        (&Value::Null, &Value::Null)
    );
    fleet.create(DEVICE);
    assert_eq!(line(watching), of("entered", DEVICE, Value::Null, 1));
}

#[test]
fn a_life_is_seen_on_the_ledger_and_through_a_server_alike() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    let mut watching = on_ledger(&fleet, &LINES);
    see_a_life(&fleet, &mut watching);
    assert_eq!(watching.end(), (Some(130), vec![]));

    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    let server = Server::start(&fleet.lab);
    let mut watching = on_server(&fleet, &server, &LINES);
    see_a_life(&fleet, &mut watching);
    assert_eq!(watching.end(), (Some(130), vec![]));
}

/// Watches a device come into a selection and leave it.
fn see_it_come_and_go(fleet: &Fleet, watching: &mut Streaming) {
    fleet.drain();
    assert_eq!(line(watching), of("entered", DEVICE, Value::Null, 3));
    step(fleet, "undrain");
    let left = watching.json();
    assert_eq!(
        (&left["change"], &left["after"]),
        (&json!("left"), &json!(3))
    );
    assert_eq!(left["device"]["provisioning_status"], "activated");
    // What came while it was away is of the line with which it returns.
    report(fleet, DEVICE, "unhealthy");
    fleet.drain();
    assert_eq!(line(watching), of("entered", DEVICE, 4, 6));
}

#[test]
fn a_device_that_enters_and_leaves_a_selection_is_said() {
    let fleet = Fleet::with_sessions(0);
    let filter = ["--status", "draining", "--location", "ams"];
    let options = [&filter[..], &LINES].concat();
    let mut watching = on_ledger(&fleet, &options);
    // Once something else was seen, the first reading is done.
    fleet.add("ams-dz002");
    fleet.device(&["drain", "ams-dz002", "--yes"]).exits(0);
    assert_eq!(watching.json()["code"], "ams-dz002");
    see_it_come_and_go(&fleet, &mut watching);
    assert_eq!(watching.end(), (Some(130), vec![]));

    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.device(&["drain", "ams-dz002", "--yes"]).exits(0);
    let server = Server::start(&fleet.lab);
    let mut watching = on_server(&fleet, &server, &options);
    assert_eq!(
        line(&mut watching),
        of("present", "ams-dz002", Value::Null, 3)
    );
    see_it_come_and_go(&fleet, &mut watching);
    assert_eq!(watching.end(), (Some(130), vec![]));
}

#[test]
fn a_selection_that_depends_on_the_time_is_watched_too() {
    let fleet = Fleet::with_sessions(1);
    fleet
        .device(&["drain", DEVICE, "--yes", "--deadline", "30m"])
        .exits(0);
    let server = Server::start(&fleet.lab);
    let overdue = ["--overdue"];
    let mut both = [
        on_ledger(&fleet, &overdue),
        on_server(&fleet, &server, &overdue),
    ];
    for watching in &mut both {
        assert_eq!(watching.says(), "no devices");
    }
    fleet.advance(3_600);
    for watching in &mut both {
        let seen = watching.line();
        let entered = "  entered  ams-dz001  draining  unknown  1 of 1 left  at sequence 4";
        assert!(seen.ends_with(entered), "{seen}");
    }
    fleet.close(0);
    for mut watching in both {
        let seen = watching.line();
        let left = "  left  ams-dz001  drained  unknown  0 of 1 left  sequence 5";
        assert!(seen.ends_with(left), "{seen}");
        assert_eq!(watching.end(), (Some(130), vec![]));
    }
}

#[test]
fn several_changes_between_two_looks_are_one_line() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let [mut json, mut text] = [on_server(&fleet, &server, &LINES), on_ledger(&fleet, &[])];
    json.json();
    assert!(text
        .line()
        .ends_with("  present  ams-dz001  activated  unknown  0/64  at sequence 2"));
    for watching in [&json, &text] {
        watching.signal("STOP");
    }
    server.kill("STOP");
    for health in ["unhealthy", "dead", "healthy"] {
        report(&fleet, DEVICE, health);
    }
    server.kill("CONT");
    for watching in [&json, &text] {
        watching.signal("CONT");
    }
    assert_eq!(line(&mut json), of("changed", DEVICE, 2, 5));
    let seen = text.line();
    assert!(
        seen.ends_with("  changed  ams-dz001  activated  healthy  0/64  sequences 3 to 5"),
        "{seen}"
    );
    fleet.drain();
    let seen = text.line();
    assert!(
        seen.ends_with("  changed  ams-dz001  drained  healthy  0 of 0 left  sequence 6"),
        "{seen}"
    );
    step(&fleet, "retire");
    step(&fleet, "remove");
    let mut seen = text.line();
    // The two may be seen at one look.
    if seen.contains("retired") {
        seen = text.line();
    }
    assert!(
        seen.contains("  removed  ams-dz001  after sequence "),
        "{seen}"
    );
    assert_eq!(text.end(), (Some(130), vec![]));
}

#[test]
fn a_server_that_is_killed_and_started_again_loses_and_repeats_nothing() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.add("ams-dz003");
    let server = Server::start(&fleet.lab);
    let mut watching = on_server(&fleet, &server, &[]);
    for _ in 0..3 {
        watching.line();
    }
    let listen = format!("127.0.0.1:{}", server.port());
    server.kill("KILL");
    let said = watching.says();
    assert!(
        said.starts_with(&format!("cannot reach http://{listen}: ")),
        "{said}"
    );
    assert!(said.ends_with("; trying again"), "{said}");
    fleet.drain();
    report(&fleet, "ams-dz002", "unhealthy");
    report(&fleet, "ams-dz002", "healthy");
    fleet.device(&["drain", "ams-dz003", "--yes"]).exits(0);
    fleet.device(&["retire", "ams-dz003", "--yes"]).exits(0);
    fleet.device(&["remove", "ams-dz003", "--yes"]).exits(0);
    drop(server);
    let server = Server::start_with(&fleet.lab, &["--listen", &listen]);
    let mut lines: Vec<String> = (0..3).map(|_| watching.line()).collect();
    step(&fleet, "undrain");
    lines.push(watching.line());
    let seen: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once("  ").unwrap().1)
        .collect();
    assert_eq!(
        seen,
        [
            "changed  ams-dz001  drained  unknown  0 of 0 left  sequence 3",
            "changed  ams-dz002  activated  healthy  0/64  sequences 3 to 4",
            "removed  ams-dz003  after sequence 2",
            "changed  ams-dz001  activated  unknown  0/64  sequence 4",
        ]
    );
    assert_eq!(watching.end(), (Some(130), vec![]));
    drop(server);
}

#[test]
fn a_change_is_shown_though_the_server_goes_away_before_all_of_it_is_read() {
    let fleet = Fleet::with_sessions(0);
    let device = fleet.get(DEVICE);
    let listed =
        json!({"count": 1, "slot": device["status_changed_slot"], "time": "2026-01-02T03:04:05Z"});
    let removed = json!({"code": DEVICE, "address": device["address"]});
    let stream = format!(
        "event: device\ndata: {device}\n\nevent: listed\ndata: {listed}\nid: 0a-1\n\nevent: removed\ndata: {removed}\nid: 0a-2\n\n"
    );
    let asked = AtomicU32::new(0);
    let absent = json!({"detail": "there is no device"}).to_string();
    let url = stub(move |path| match path {
        "/api/v1/watch" => (200, String::new(), stream.clone()),
        _ if asked.fetch_add(1, Ordering::Relaxed) < 2 => (503, String::new(), String::new()),
        _ => (404, String::new(), absent.clone()),
    });
    let mut watching = Streaming::bare(&fleet.lab, &["device", "watch", "--server", &url]);
    assert!(watching.line().ends_with("  at sequence 2"));
    let said = watching.says();
    assert_eq!(
        said,
        format!("{url} answers 503 Service Unavailable; trying again")
    );
    let seen = watching.line();
    assert!(
        seen.ends_with("  removed  ams-dz001  after sequence 2"),
        "{seen}"
    );
    assert_eq!(watching.end(), (Some(130), vec![]));
}

#[test]
fn who_reads_no_more_ends_it() {
    let fleet = Fleet::with_sessions(0);
    let mut watching = on_ledger(&fleet, &[]);
    watching.line();
    watching.hang_up();
    fleet.drain();
    assert_eq!(watching.ended(), (Some(0), String::new()));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let fleet = Fleet::with_sessions(0);
    let watch = ["device", "watch", "--output"];
    for output in ["json", "json-compact"] {
        let run = fleet.lab.ebb(&[&watch[..], &[output]].concat()).exits(2);
        assert_eq!(
            run.says_nothing().error()["message"],
            "`ebb device watch` has no end, and a JSON document has one"
        );
    }
    let server = Server::start(&fleet.lab);
    let absent = ["device", "watch", "--location", "fra"];
    fleet
        .lab
        .ebb(&absent)
        .exits(3)
        .warns("there is no location fra");
    fleet
        .lab
        .bare(&[&absent[..], &["--server", server.url()]].concat())
        .exits(3)
        .warns("there is no location `fra`; right are ams");
}

#[test]
fn a_selection_without_devices_says_so_and_goes_on() {
    let fleet = Fleet::with_sessions(0);
    let mut watching = on_ledger(&fleet, &["--status", "draining"]);
    assert_eq!(watching.says(), "no devices");
    fleet.drain();
    let seen = watching.line();
    assert!(
        seen.ends_with("  entered  ams-dz001  drained  unknown  0 of 0 left  at sequence 3"),
        "{seen}"
    );
    assert_eq!(watching.end(), (Some(130), vec![]));
}
