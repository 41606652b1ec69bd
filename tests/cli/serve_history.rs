//! `ebb serve`: what happened, by lists and by a stream that nothing interrupts for good.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        server::{detail, Events, Server, PATIENCE},
        support::Lab,
    },
    serde_json::{json, Value},
    std::{
        collections::BTreeSet,
        fs,
        path::Path,
        thread,
        time::{Duration, Instant},
    },
};

pub const DEVICE_HISTORY: &str = "/api/v1/devices/ams-dz001/history";
pub const HISTORY: &str = "/api/v1/history";
pub const STREAM: &str = "/api/v1/history/events";

/// The events of a document.
pub fn events(document: &Value) -> Vec<Value> {
    document["events"]
        .as_array()
        .unwrap_or_else(|| panic!("{document}"))
        .clone()
}

/// Events without what only one of two has.
pub fn without(events: &[Value], keys: &[&str]) -> Vec<Value> {
    let stripped = |event: &Value| {
        let mut event = event.clone();
        let fields = event.as_object_mut().unwrap();
        fields.retain(|key, _| !keys.contains(&key.as_str()));
        event
    };
    events.iter().map(stripped).collect()
}

/// What the command line reads from the ledger itself.
pub fn walked(fleet: &Fleet) -> Vec<Value> {
    let history = ["device", "history", DEVICE, "--output", "json"];
    events(&fleet.lab.ebb(&history).exits(0).json())
}

/// The history of the device once a server has all of it.
pub fn served(server: &Server, expected: &[Value]) -> Value {
    let is_whole = |document: &Value| document["events"] == json!(expected);
    server.json_when(DEVICE_HISTORY, is_whole);
    // An answer's cursor is read before its events, so what was appended between the two may stand behind the cursor.
    let document = server.json(DEVICE_HISTORY);
    assert!(is_whole(&document), "{document}");
    document
}

/// The path that a Link header names.
pub fn link(response: &reqwest::blocking::Response) -> Option<String> {
    let link = response.headers().get("link")?.to_str().unwrap();
    let (path, _) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    Some(path.to_owned())
}

pub fn of<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap()
}

#[test]
fn a_devices_life_is_served_as_the_ledger_has_it() {
    let fleet = Fleet::registered_twice();
    let server = Server::start(&fleet.lab);
    let expected = walked(&fleet);
    assert_eq!(expected.len(), 6);
    let document = served(&server, &expected);
    assert_eq!(
        (&document["complete"], &document["gaps"]),
        (&json!(true), &json!([]))
    );
    let address = ebb_sdk::pda::device(&ebb_sdk::ID, DEVICE).0;
    let by_address = server.json(&format!("/api/v1/devices/{address}/history"));
    assert_eq!(by_address["events"], document["events"]);

    let mut paged = vec![];
    let mut next = Some(format!("{DEVICE_HISTORY}?limit=4"));
    let mut pages = 0;
    while let Some(path) = next {
        let response = server.get(&path);
        assert_eq!(response.status(), 200);
        next = link(&response);
        paged.extend(events(&response.json().unwrap()));
        pages += 1;
    }
    assert_eq!((paged, pages), (expected.clone(), 2));

    let since = of(&expected[4], "time");
    let later = server.json(&format!("{DEVICE_HISTORY}?since={since}"));
    let is_later = |event: &&Value| of(event, "time") >= since;
    let expected: Vec<_> = expected.iter().filter(is_later).cloned().collect();
    assert_eq!(events(&later), expected);
    assert_eq!(
        events(&server.json(&format!("{DEVICE_HISTORY}?since=2999-01-01T00:00:00Z"))),
        Vec::<Value>::new()
    );
}

#[test]
fn the_whole_history_is_that_of_its_store() {
    let fleet = Fleet::registered_twice();
    let server = Server::start(&fleet.lab);
    served(&server, &walked(&fleet));
    let listed = events(&server.json(HISTORY));
    let store = fleet.lab.path().join("history.sqlite");
    let export = ["history", "export", "--history", store.to_str().unwrap()];
    let export = fleet.lab.ebb(&export).exits(0).stdout;
    let lines = export.lines().skip(1);
    let exported: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        without(&listed, &["generation"]),
        without(&exported, &["index", "data"])
    );
    let generations = listed.iter().map(|event| event["generation"].clone());
    let none = || json!(null);
    let expected = [
        none(),
        none(),
        none(),
        json!(1),
        json!(1),
        json!(1),
        json!(1),
        json!(1),
        json!(2),
    ];
    assert_eq!(generations.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_not_a_history_or_a_place_in_it_is_refused() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let document = served(&server, &walked(&fleet));
    for path in [
        "/api/v1/devices/absent/history",
        "/api/v1/devices/A!/history",
    ] {
        server.problem(path, 404);
    }
    let unknown = server.problem(&format!("{HISTORY}?until=1h"), 400);
    assert!(
        unknown.contains("right are since, after, limit, wait"),
        "{unknown}"
    );
    for (query, right) in [
        ("since=yesterday", "or 2h for two hours ago"),
        (
            "since=2026-01-02T15:00:00%2B20:00",
            "an offset from UTC is at most 14 hours",
        ),
        ("since=2026-01-02", "a date alone has no time of day"),
        ("limit=0", "a whole number from 1 to 10000"),
        ("limit=10001", "a whole number from 1 to 10000"),
        ("wait=61s", "right is at most 60s"),
    ] {
        let detail = server.problem(&format!("{HISTORY}?{query}"), 400);
        assert!(detail.contains(right), "{detail}");
    }
    let cursor = document["cursor"].as_str().unwrap();
    let (store, position) = cursor.split_once('-').unwrap();
    let newer = format!("{store}-{}", position.parse::<i64>().unwrap() + 1);
    // What is wrong with the request comes before what is with the cursor.
    server.problem(
        &format!("{HISTORY}?after=0123456789abcdef-1.0.1.0&limit=0"),
        400,
    );
    for cursor in ["", "5", "x-5", &newer] {
        server.problem(&format!("{HISTORY}?after={cursor}"), 400);
    }
    for cursor in ["", "5", "x-5", &format!("{store}-1.0.1.0")] {
        server.problem(&format!("{STREAM}?after={cursor}"), 400);
    }
    let other = "0123456789abcdef";
    for (list, path) in [
        (HISTORY, format!("{HISTORY}?after={other}-1.0.1.0")),
        (
            DEVICE_HISTORY,
            format!("{DEVICE_HISTORY}?after={store}-999999.0.1.0"),
        ),
        (HISTORY, format!("{STREAM}?after={other}-1")),
        (HISTORY, format!("{STREAM}?after={newer}")),
    ] {
        let response = server.get(&path);
        assert_eq!(link(&response).as_deref(), Some(list), "{path}");
        detail(response, 410);
    }
}

#[test]
fn a_wait_for_a_history_ends_with_what_happens() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    served(&server, &walked(&fleet));
    let etag = server.get(DEVICE_HISTORY).headers()["etag"].clone();
    let request = |query: &str| {
        let request = server.request("GET", &format!("{DEVICE_HISTORY}{query}"));
        request.header("if-none-match", etag.clone())
    };
    assert_eq!(request("").send().unwrap().status(), 304);
    let wait = request("?wait=60s");
    let waiting = thread::spawn(move || wait.send().unwrap());
    fleet.drain();
    assert_eq!(waiting.join().unwrap().status(), 200);
    let document = served(&server, &walked(&fleet));
    assert_eq!(events(&document).last().unwrap()["event"], "drain-started");
}

#[cfg(unix)]
#[test]
fn a_stream_goes_on_after_the_servers_death_without_a_gap_or_a_repeat() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let before = served(&server, &walked(&fleet));
    let mut stream = server.stream(&format!("{STREAM}?after={}", of(&before, "cursor")));
    let mut heard = events(&before);
    let mut last = String::new();
    let mut hear = |stream: &mut Events, last: &mut String| {
        let event = stream.next().unwrap();
        assert_eq!(event.name, "happened");
        *last = event.id.unwrap();
        heard.push(event.data);
    };
    fleet.drain();
    hear(&mut stream, &mut last);
    server.kill("KILL");
    assert!(stream.next().is_none());
    drop(server);
    fleet.device(&["undrain", DEVICE]).exits(0);

    let server = Server::start(&fleet.lab);
    fleet.drain();
    served(&server, &walked(&fleet));
    let resumed = server.request("GET", STREAM).header("last-event-id", &last);
    let mut stream = Events::of(resumed.send().unwrap());
    for _ in 0..2 {
        hear(&mut stream, &mut last);
    }
    fleet.device(&["undrain", DEVICE]).exits(0);
    hear(&mut stream, &mut last);
    let keys = ["registration", "generation"];
    assert_eq!(without(&heard, &keys), without(&walked(&fleet), &keys));
}

#[test]
fn two_servers_of_one_store_serve_the_same() {
    let fleet = Fleet::with_sessions(0);
    let servers = [Server::start(&fleet.lab), Server::start(&fleet.lab)];
    let expected = walked(&fleet);
    let [one, other] = servers.each_ref().map(|it| served(it, &expected));
    assert_eq!(one["cursor"], other["cursor"]);
    // A cursor of the one is good for the other.
    let path = format!("{STREAM}?after={}", of(&one, "cursor"));
    let mut streams = servers.each_ref().map(|it| it.stream(&path));
    fleet.drain();
    let [mine, others] = streams.each_mut().map(|stream| stream.next().unwrap());
    assert_eq!(mine.data["event"], "drain-started");
    assert_eq!((mine.data, mine.id), (others.data, others.id));

    // Whichever writes, the other takes over.
    let [one, other] = servers;
    drop(one);
    fleet.device(&["undrain", DEVICE]).exits(0);
    served(&other, &walked(&fleet));
}

#[test]
fn without_a_history_the_rest_is_served() {
    let (lab, ..) = Lab::in_service();
    let other = Fleet::with_sessions(0);
    served(&Server::start(&other.lab), &walked(&other));
    let foreign = other.lab.path().join("history.sqlite");
    let broken = lab.file("broken.sqlite", &"no database ".repeat(1_000));
    for (store, reason) in [
        (
            foreign.to_str().unwrap(),
            "the history store is of the ledger with genesis",
        ),
        (&broken, "is no history store"),
    ] {
        let mut server = Server::start_with(&lab, &["--history", store]);
        let warning = server.says();
        assert!(
            warning.starts_with("warning: the history stands still: "),
            "{warning}"
        );
        assert!(warning.contains(reason), "{warning}");
        for path in [HISTORY, DEVICE_HISTORY, STREAM] {
            let response = server.get(path);
            assert_eq!(response.headers()["retry-after"], "5");
            let detail = detail(response, 503);
            assert!(detail.contains(reason), "{detail}");
        }
        assert_eq!(server.codes(""), [DEVICE]);
        // It keeps one, and has read nothing, which an alert is about.
        let metrics = server.get("/metrics").text().unwrap();
        assert!(metrics.contains("\nebb_history_writing 0\n"), "{metrics}");
        for unknown in ["read_timestamp_seconds", "gaps"] {
            let sample = format!("\nebb_history_{unknown} ");
            assert!(!metrics.contains(&sample), "{metrics}");
        }
    }
    let server = Server::start_with(&lab, &["--no-history"]);
    let detail = server.problem(HISTORY, 503);
    assert_eq!(detail, "this server keeps no history");
    let metrics = server.get("/metrics").text().unwrap();
    assert!(!metrics.contains("\nebb_history_"), "{metrics}");
}

#[test]
fn transitions_are_counted_from_the_history() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    let server = Server::start(&fleet.lab);
    let line = |from, to, count| {
        format!(
            "\nebb_transitions_total{{from=\"{from}\",to=\"{to}\",role=\"authority\",forced=\"false\"}} {count}\n"
        )
    };
    let owner = line("activated", "draining", 1).replace("authority", "contributor");
    let text = metrics_with(&server, &owner);
    assert!(text.contains(&line("pending", "activated", 1)), "{text}");
    for count in ["gaps", "lost_ranges", "dead_letters"] {
        metrics_with(&server, &format!("\nebb_history_{count} 0\n"));
    }
    let slot = server.json(HISTORY)["slot"].clone();
    let cursor = format!("\nebb_history_cursor_slot{{finality=\"confirmed\"}} {slot}\n");
    metrics_with(&server, &cursor);
}

/// The metrics, once they contain some text.
pub fn metrics_with(server: &Server, expected: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = server.get("/metrics").text().unwrap();
        if text.contains(expected) {
            return text;
        }
        assert!(Instant::now() < deadline, "{expected}\n{text}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_monitoring_asks_for_is_exported() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    let server = Server::start(&fleet.lab);
    server.json("/api/v1/devices");
    metrics_with(&server, "\nebb_history_read_timestamp_seconds ");
    let text = metrics_with(&server, "\nebb_transitions_total{");
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let exported = samples.filter_map(|line| line.split(|letter| !is_name(letter)).next());
    // In process there is nothing to request; the tests on a validator have it.
    let exported: BTreeSet<&str> = exported.chain(["ebb_rpc_requests_total"]).collect();
    let monitoring = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/serve/monitoring");
    for file in ["alerts.yml", "dashboard.json"] {
        let text = fs::read_to_string(monitoring.join(file)).unwrap();
        let words = text.split(|letter| !is_name(letter));
        let asked: BTreeSet<&str> = words.filter(|word| word.starts_with("ebb_")).collect();
        assert!(asked.len() > 5, "{file}: {asked:?}");
        let absent: Vec<_> = asked.difference(&exported).collect();
        assert_eq!(absent, Vec::<&&str>::new(), "{file}");
    }
}
