//! `ebb device history`

use {
    crate::{
        fleet::{Fleet, DEVICE},
        streaming::Streaming,
        support::{Lab, Run},
    },
    serde_json::{json, Value},
};

fn history(fleet: &Fleet, options: &[&str]) -> Run {
    let verb = ["device", "history", DEVICE];
    fleet.lab.ebb(&[&verb, options].concat())
}

fn events(fleet: &Fleet) -> Vec<Value> {
    let document = history(fleet, &["--output", "json"]).exits(0).json();
    assert_eq!(document["gaps"], json!([]));
    document["events"].as_array().unwrap().clone()
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap()
}

/// A key as a table has it.
fn short(key: &str) -> String {
    format!("{}…{}", &key[..6], &key[key.len() - 4..])
}

/// The columns, as wide as what is in them.
fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<_> = (0..rows[0].len()).map(|it| width(it).unwrap()).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        let line: String = cells
            .map(|(cell, width)| format!("{cell:width$}  "))
            .collect();
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

fn rows(events: &[Value]) -> Vec<Vec<String>> {
    let names = [
        "WHEN",
        "EVENT",
        "FROM",
        "TO",
        "BY",
        "REASON",
        "SLOT",
        "SIGNATURE",
    ];
    let mut rows = vec![names.map(str::to_owned).to_vec()];
    let cell = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.extend(events.iter().map(|event| {
        vec![
            cell(&event["time"]),
            cell(&event["event"]),
            cell(&event["from"]),
            cell(&event["to"]),
            format!("{} {}", text(event, "role"), short(text(event, "actor"))),
            cell(&event["reason"]),
            cell(&event["slot"]),
            short(text(event, "signature")),
        ]
    }));
    rows
}

#[test]
fn every_registration_is_shown_with_who_did_what_and_why() {
    let fleet = Fleet::registered_twice();
    let events = events(&fleet);
    let facts: Vec<_> = events
        .iter()
        .map(|event| {
            let of = |key: &str| event[key].clone();
            json!([
                of("registration"),
                of("sequence"),
                of("event"),
                of("from"),
                of("to"),
                of("role"),
                of("reason"),
            ])
        })
        .collect();
    let expected = [
        json!([1, 1, "device-created", null, 1, "contributor", null]),
        json!([
            1,
            2,
            "device-activated",
            "pending",
            "activated",
            "authority",
            null
        ]),
        json!([
            1,
            3,
            "drain-started",
            "activated",
            "draining",
            "contributor",
            "rack power"
        ]),
        json!([
            1,
            4,
            "device-retired",
            "draining",
            "retired",
            "contributor",
            null
        ]),
        json!([1, 5, "device-removed", "retired", null, "contributor", null]),
        json!([2, 1, "device-created", null, 2, "contributor", null]),
    ];
    assert_eq!(facts, expected);
    for event in &events {
        assert_eq!(
            (&event["code"], &event["final"], &event["place"]),
            (&json!(DEVICE), &json!(true), &json!(0))
        );
    }
    assert_eq!(events[2]["actor"], fleet.owner.pubkey);

    let expected = format!(
        "Registration 1\n{}\nRegistration 2\n{}",
        table(&rows(&events[..5])),
        table(&rows(&events[5..]))
    );
    let run = history(&fleet, &[]).exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        (expected.as_str(), "")
    );
    history(&fleet, &["--verbose"])
        .exits(0)
        .says(&fleet.owner.pubkey)
        .says(text(&events[0], "signature"));
}

#[test]
fn one_registration_needs_no_heading() {
    let fleet = Fleet::with_sessions(0);
    let run = history(&fleet, &[]).exits(0);
    assert_eq!(run.stdout, table(&rows(&events(&fleet))));
}

#[test]
fn lines_are_events_and_nothing_else() {
    let fleet = Fleet::registered_twice();
    let run = history(&fleet, &["--output", "json-lines"]).exits(0);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let versioned = events(&fleet).into_iter().map(|mut event| {
        event["schema_version"] = json!(1);
        event
    });
    assert_eq!(lines, versioned.collect::<Vec<_>>());
    for args in [
        &["--output", "json-lines", "device", "list"][..],
        &["--output", "json-lines", "registry", "get"],
    ] {
        fleet
            .lab
            .ebb(args)
            .exits(2)
            .warns("--output json-lines is for `ebb device history` and `ebb device watch` only");
    }
}

#[test]
fn since_leaves_out_what_came_before() {
    let fleet = Fleet::with_sessions(0);
    fleet.lab.ebb(&["ledger", "info"]).exits(0);
    let all = events(&fleet);
    let since = |since: &str| {
        let run = history(&fleet, &["--since", since, "--output", "json"]).exits(0);
        run.json()["events"].as_array().unwrap().clone()
    };
    let second = text(&all[1], "time").to_owned();
    let later = all.iter().filter(|it| text(it, "time") >= second.as_str());
    assert_eq!(since(&second), later.cloned().collect::<Vec<_>>());
    assert_eq!(since("2026-01-01T00:00:00Z"), all);
    assert_eq!(since("1w"), all);
    assert_eq!(since("2100-01-01T00:00:00Z"), [Value::Null; 0]);
    history(&fleet, &["--since", "2100-01-01T00:00:00Z"])
        .exits(0)
        .says_nothing()
        .warns("no events");
    history(&fleet, &["--since", "yesterday"])
        .exits(2)
        .warns("right is, for example, 2026-01-02T15:00:00Z, or 2h for two hours ago");
}

#[test]
fn a_removed_device_has_a_history_and_one_that_never_was_has_none() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
    fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
    fleet.lab.ebb(&["device", "get", DEVICE]).exits(3);
    let events = events(&fleet);
    assert_eq!(events.len(), 5);
    // By its address too.
    let by_address = [
        "device",
        "history",
        text(&events[0], "address"),
        "--output",
        "json",
    ];
    let found = fleet.lab.ebb(&by_address).exits(0).json();
    assert_eq!(found["events"].as_array().unwrap().len(), 5);
    fleet
        .lab
        .ebb(&["device", "history", "ams-dz009"])
        .exits(3)
        .says_nothing()
        .warns("there is no device ams-dz009");
    Lab::without_registry()
        .ebb(&["device", "history", DEVICE])
        .exits(3)
        .warns("has no registry here yet");
}

/// A run that goes on.
fn following(fleet: &Fleet, options: &[&str]) -> Streaming {
    let verb = ["device", "history", DEVICE, "--follow"];
    Streaming::start(&fleet.lab, &[&verb, options].concat())
}

#[test]
fn what_lands_is_printed_until_ctrl_c() {
    let fleet = Fleet::with_sessions(0);
    let mut following = following(&fleet, &["--output", "json-lines"]);
    let seen: Vec<_> = (0..2).map(|_| following.line()).collect();
    fleet.drain();
    let drained = following.line();
    fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
    fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
    fleet.create(DEVICE);
    let rest: Vec<_> = (0..3).map(|_| following.line()).collect();
    assert_eq!(following.end(), (Some(130), vec![]));
    // Nothing twice and nothing left out, in order.
    let all = [&seen[..], &[drained], &rest].concat().join("\n");
    let run = history(&fleet, &["--output", "json-lines"]).exits(0);
    assert_eq!(run.stdout, format!("{all}\n"));
}

#[test]
fn what_lands_is_a_row_for_people() {
    let fleet = Fleet::with_sessions(0);
    let mut following = following(&fleet, &[]);
    for _ in 0..3 {
        following.line();
    }
    fleet.drain();
    let printed = following.line();
    assert_eq!(following.end(), (Some(130), vec![]));
    assert_eq!(printed, rows(&events(&fleet)).pop().unwrap().join("  "));
}

#[test]
fn a_document_that_never_ends_is_refused() {
    let fleet = Fleet::with_sessions(0);
    let run = history(&fleet, &["--follow", "--output", "json"]).exits(2);
    let error = run.says_nothing().error();
    assert_eq!(
        error["message"],
        "--follow has no end, and a JSON document has one"
    );
}
