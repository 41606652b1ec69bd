//! `ebb serve`: what it answers, and what it refuses.

use {
    crate::{
        fleet::Fleet,
        server::{detail, Server},
        support::Lab,
    },
    serde_json::{json, Value},
    std::{
        fs,
        io::{Read, Write},
        net::{TcpListener, TcpStream},
        time::{Duration, Instant},
    },
};

/// Without what only an answer of the server has.
fn without_stamp(mut document: Value) -> Value {
    let fields = document.as_object_mut().unwrap();
    for name in ["slot", "lag_slots", "age_seconds"] {
        assert!(fields.shift_remove(name).unwrap().is_u64(), "{name}");
    }
    assert!(fields.shift_remove("time").unwrap().is_string());
    fields.shift_remove("unreadable");
    document
}

#[test]
fn its_json_is_the_command_lines() {
    let (lab, _, _) = Lab::in_service();
    let server = Server::start(&lab);
    for (path, args) in [
        ("devices", ["device", "list"].as_slice()),
        ("devices/ams-dz001", &["device", "get", "ams-dz001"]),
        ("locations", &["location", "list"]),
        ("locations/ams", &["location", "get", "ams"]),
        ("contributors", &["contributor", "list"]),
        ("contributors/co01", &["contributor", "get", "co01"]),
        ("registry", &["registry", "get"]),
        ("lifecycle", &["lifecycle"]),
    ] {
        let served = server.json(&format!("/api/v1/{path}"));
        let printed = lab.ebb(&[args, &["--output", "json"]].concat()).json();
        assert_eq!(without_stamp(served), printed, "{path}");
    }
    let address = server.json("/api/v1/devices/ams-dz001")["address"].clone();
    let by_address = server.json(&format!("/api/v1/devices/{}", address.as_str().unwrap()));
    assert_eq!(by_address["code"], "ams-dz001");
}

#[test]
fn a_server_of_an_embedded_ledger_answers_within_two_seconds_of_its_start() {
    let (lab, _, _) = Lab::in_service();
    let took = (0..3).map(|_| {
        let began = Instant::now();
        let server = Server::start(&lab);
        assert_eq!(server.codes(""), ["ams-dz001"]);
        began.elapsed()
    });
    // The host may be busy once.
    let shortest = took.min().unwrap();
    assert!(shortest < Duration::from_secs(2), "{shortest:?}");
}

#[test]
fn an_empty_ledger_has_empty_lists() {
    let lab = Lab::initialized();
    let server = Server::start(&lab);
    assert_eq!(server.json("/api/v1/devices")["devices"], json!([]));
    assert_eq!(server.json("/api/v1/locations")["unreadable"], json!([]));
    assert_eq!(server.json("/healthz"), json!({"status": "ok"}));
    assert_eq!(server.json("/readyz")["status"], "ready");
}

#[test]
fn filters_are_the_command_lines_and_each_can_be_negated() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.add("ams-dz003");
    fleet.device(&["drain", "ams-dz002", "--yes"]).exits(0);
    let server = Server::start(&fleet.lab);
    let (one, two, three) = ("ams-dz001", "ams-dz002", "ams-dz003");
    for (query, codes) in [
        ("", vec![one, two, three]),
        ("?status=draining", vec![two]),
        ("?status=draining,activated", vec![one, two, three]),
        ("?status=draining&status=activated", vec![one, two, three]),
        ("?without-status=draining", vec![one, three]),
        ("?status=draining&health=dead", vec![]),
        (
            "?without-health=dead&location=ams&contributor=co01&status=draining",
            vec![two],
        ),
        ("?without-location=ams", vec![]),
        ("?overdue", vec![]),
        ("?without-overdue=true&status=draining", vec![two]),
        ("?draining-longer-than=1h", vec![]),
        ("?without-draining-longer-than=1h", vec![one, two, three]),
    ] {
        assert_eq!(server.codes(query), codes, "{query}");
    }
    for (query, status, right) in [
        (
            "?colour=red",
            400,
            "right are status, without-status, health",
        ),
        (
            "?status=gone",
            400,
            "pending, activated, draining, retiring, retired",
        ),
        ("?health=ill", 400, "unknown, healthy, unhealthy, dead"),
        (
            "?location=fra",
            404,
            "there is no location `fra`; right are ams",
        ),
        (
            "?without-contributor=co02",
            404,
            "there is no contributor `co02`; right are co01",
        ),
        ("?location=AMS!", 400, "a code is 1 to 32 of a-z 0-9"),
        (
            "?overdue=maybe",
            400,
            "right is `overdue` or `overdue=true`",
        ),
        ("?draining-longer-than=1y", 400, "there is no unit `y`"),
        ("?limit=0", 400, "a whole number from 1 to 10000"),
        ("?after=A", 400, "a code is 1 to 32 of a-z 0-9"),
        ("?wait=2h", 400, "right is at most 60s"),
    ] {
        let detail = server.problem(&format!("/api/v1/devices{query}"), status);
        assert!(detail.contains(right), "{query}: {detail}");
    }
}

#[test]
fn a_long_list_comes_in_pages() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.add("ams-dz003");
    let server = Server::start(&fleet.lab);
    let first = server.get("/api/v1/devices?limit=2&status=activated,draining");
    assert_eq!(
        first.headers()["link"],
        "</api/v1/devices?limit=2&status=activated,draining&after=ams-dz002>; rel=\"next\""
    );
    let list: Value = first.json().unwrap();
    assert_eq!(list["devices"].as_array().unwrap().len(), 2);
    let last = server.get("/api/v1/devices?limit=2&status=activated,draining&after=ams-dz002");
    assert!(last.headers().get("link").is_none());
    let list: Value = last.json().unwrap();
    assert_eq!(list["devices"][0]["code"], "ams-dz003");
}

#[test]
fn a_result_that_the_client_has_is_not_sent_again() {
    let (lab, _, _) = Lab::in_service();
    let server = Server::start(&lab);
    let first = server.get("/api/v1/devices");
    let etag = first.headers()["etag"].clone();
    let again = server
        .request("GET", "/api/v1/devices")
        .header("if-none-match", &etag);
    let again = again.send().unwrap();
    assert_eq!(
        (again.status().as_u16(), &again.headers()["etag"]),
        (304, &etag)
    );
    assert!(again.headers().contains_key("ebb-slot"));
    assert_eq!(again.text().unwrap(), "");
    let other = server.request("GET", "/api/v1/devices?status=draining");
    let other = other.header("if-none-match", &etag).send().unwrap();
    assert_eq!(other.status(), 200);
}

#[test]
fn every_refusal_is_a_problem_document() {
    let lab = Lab::initialized();
    let server = Server::start(&lab);
    let long = "x".repeat(9_000);
    assert!(server.problem("/nothing", 404).contains("openapi.json"));
    assert_eq!(
        server.problem("/api/v1/devices/ams-dz001", 404),
        "there is no device `ams-dz001`"
    );
    assert!(server
        .problem("/api/v1/lifecycle?a=b", 400)
        .contains("takes none"));
    assert!(server
        .problem(&format!("/api/v1/devices?{long}"), 414)
        .contains("8192"));
    let request = server.request("DELETE", "/api/v1/devices").send().unwrap();
    assert_eq!(request.headers()["allow"], "GET,HEAD");
    assert!(detail(request, 405).contains("DELETE"));
    let request = server
        .request("GET", "/api/v1/devices")
        .header("accept", "text/html");
    assert!(detail(request.send().unwrap(), 406).contains("application/json"));
    let request = server
        .request("GET", "/api/v1/devices")
        .header("x-long", "x".repeat(20_000));
    assert!(detail(request.send().unwrap(), 431).contains("16384"));
    let with_headers = |count: usize| {
        let all = (0..count).map(|number| format!("x-{number}: 1\r\n"));
        let head: String = all.collect();
        let request = format!("GET /healthz HTTP/1.1\r\nconnection: close\r\n{head}\r\n");
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(with_headers(99).starts_with("HTTP/1.1 200 "));
    for count in [100, 399] {
        let answer = with_headers(count);
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        let detail = format!(
            "a request has at most 100 headers, and this has {}",
            count + 1
        );
        assert!(answer.contains(&detail), "{answer}");
    }
    // Nothing is read of so many, and the connection is closed.
    let answer = with_headers(400);
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(answer.contains("content-length: 0\r\n"), "{answer}");
    let post = || server.request("POST", "/api/v1/transactions");
    assert!(detail(post().body("{}").send().unwrap(), 415).contains("application/json"));
    let json = || post().header("content-type", "application/json");
    assert!(detail(json().body(long).send().unwrap(), 413).contains("8192"));
    assert!(detail(json().body("{").send().unwrap(), 400).contains("the body"));
}

#[test]
fn what_is_no_http_is_refused_and_harms_nobody() {
    let lab = Lab::initialized();
    let server = Server::start(&lab);
    let mut stream = TcpStream::connect(format!("127.0.0.1:{}", server.port())).unwrap();
    stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(server.json("/healthz")["status"], "ok");
}

#[test]
fn a_token_is_asked_for_everywhere_but_at_healthz() {
    let lab = Lab::initialized();
    let file = lab.file("token", "s3cret\n");
    let server = Server::start_with(&lab, &["--token-file", &file]);
    for path in ["/api/v1/devices", "/readyz", "/metrics", "/nothing"] {
        assert!(
            server.problem(path, 401).contains("Authorization: Bearer"),
            "{path}"
        );
    }
    assert_eq!(server.json("/healthz")["status"], "ok");
    let with = |token: &str| {
        let request = server.request("GET", "/api/v1/devices").bearer_auth(token);
        request.send().unwrap().status().as_u16()
    };
    assert_eq!(
        (with("s3cret"), with("s3cre"), with("s3cret2")),
        (200, 401, 401)
    );
}

#[test]
fn an_open_server_warns_and_a_token_that_is_none_is_refused() {
    let lab = Lab::initialized();
    let mut server = Server::start_with(&lab, &["--listen", "0.0.0.0:0"]);
    let warning = server.says();
    assert!(
        warning.starts_with("warning: whoever reaches 0.0.0.0:"),
        "{warning}"
    );
    assert!(warning.contains("--token-file"), "{warning}");
    for (name, text) in [("empty", " \n"), ("two", "a\nb")] {
        let file = lab.file(name, text);
        let run = lab.ebb(&["serve", "--token-file", &file]).exits(2);
        run.warns("openssl rand -hex 32");
    }
    let absent = lab.path().join("absent");
    let run = lab.ebb(&["serve", "--token-file", absent.to_str().unwrap()]);
    run.exits(2).warns("No such file");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let lab = Lab::initialized();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = lab.ebb(&["serve", "--listen", &address]).exits(1);
    run.warns(&format!("cannot listen on {address}"))
        .says_nothing();
}

#[test]
fn while_the_ledger_is_away_what_was_read_is_served() {
    let (lab, _, _) = Lab::in_service();
    let mut server = Server::start_with(&lab, &["--max-lag", "2s"]);
    assert_eq!(server.codes(""), ["ams-dz001"]);
    let away = lab.path().join("away");
    fs::rename(lab.ledger(), &away).unwrap();
    let warning = server.says();
    assert!(
        warning.starts_with("warning: serving what was read before: "),
        "{warning}"
    );
    while server.get("/readyz").status() != 503 {
        assert_eq!(server.codes(""), ["ams-dz001"]);
    }
    assert!(
        server.json("/api/v1/devices")["lag_slots"]
            .as_u64()
            .unwrap()
            > 5
    );
    fs::rename(&away, lab.ledger()).unwrap();
    assert_eq!(server.says(), "the ledger can be read again\n");
    while server.get("/readyz").status() != 200 {}
    assert_eq!(server.codes(""), ["ams-dz001"]);
}

#[test]
fn metrics_are_of_the_devices_that_are_there() {
    let (lab, _, _) = Lab::in_service();
    let server = Server::start(&lab);
    server.json("/api/v1/devices");
    let metrics = server.get("/metrics");
    assert_eq!(
        metrics.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = metrics.text().unwrap();
    for line in [
        "ebb_devices{status=\"activated\",health=\"unknown\",location=\"ams\"} 1",
        "ebb_location_budget_headroom{location=\"ams\"} 1",
        "ebb_device_status{device=\"ams-dz001\",status=\"activated\"} 1",
        "ebb_device_status{device=\"ams-dz001\",status=\"draining\"} 0",
        "ebb_device_sessions{device=\"ams-dz001\"} 0",
        "ebb_device_series_cut 0",
        "ebb_undecodable_accounts 0",
        "ebb_sse_clients 0",
        // In process there is nothing to connect to.
        "ebb_websocket_reconnects_total 0",
        "ebb_http_request_duration_seconds_count{route=\"/api/v1/devices\",method=\"GET\",status=\"200\"} 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    let server = Server::start_with(&lab, &["--device-series", "0"]);
    server.json("/api/v1/devices");
    let text = server.get("/metrics").text().unwrap();
    assert!(text.contains("\nebb_device_series_cut 1\n"), "{text}");
    assert!(!text.contains("device=\"ams-dz001\""), "{text}");
}
