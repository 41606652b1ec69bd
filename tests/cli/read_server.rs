//! Verbs that read a server in place of the ledger: what they print is the same.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        server::Server,
        streaming::Streaming,
        stub::stub,
        support::{Lab, Run},
    },
    serde_json::{json, Value},
    std::net::TcpListener,
};

/// The verbs that a server answers.
const VERBS: [&[&str]; 9] = [
    &["device", "list"],
    &[
        "device",
        "list",
        "--status",
        "draining,retired",
        "--without-status",
        "pending",
    ],
    &["device", "get", DEVICE],
    &["device", "history", DEVICE],
    &["location", "list"],
    &["location", "get", "ams"],
    &["contributor", "list"],
    &["contributor", "get", "co01"],
    &["registry", "get"],
];

/// A drain with users and a hold, and another device, long ago: what tables say of the time does not change within the test.
fn long_ago() -> Fleet {
    let fleet = Fleet::with_sessions(2);
    fleet.drain();
    fleet
        .device(&[
            "hold",
            DEVICE,
            "--kind",
            "pending-task",
            "--for",
            "7d",
            "--reason",
            "backup",
        ])
        .exits(0);
    fleet.add("ams-dz002");
    fleet.advance(2 * 86_400 + 1_800);
    fleet
}

fn served(lab: &Lab, server: &str, args: &[&str]) -> Run {
    lab.bare(&[args, &["--server", server]].concat())
}

#[test]
fn what_is_printed_is_the_ledgers_byte_by_byte() {
    let fleet = long_ago();
    let lab = &fleet.lab;
    let server = Server::start(lab);
    server.json_when("/api/v1/history", |history| {
        let events = history["events"].as_array();
        events.is_some_and(|events| events.len() > 8)
    });
    for verb in VERBS {
        for output in ["table", "json", "json-compact"] {
            let args = [verb, &["--output", output]].concat();
            let read = lab.ebb(&args).exits(0);
            let asked = served(lab, server.url(), &args).exits(0);
            assert_eq!(asked.stdout, read.stdout, "{args:?}");
            assert_eq!(asked.stderr, "", "{args:?}");
        }
    }
    let lines = ["device", "history", DEVICE, "--output", "json-lines"];
    let read = lab.ebb(&lines).exits(0);
    assert_eq!(
        served(lab, server.url(), &lines).exits(0).stdout,
        read.stdout
    );
    let since = ["device", "history", DEVICE, "--since", "1d"];
    served(lab, server.url(), &since)
        .exits(0)
        .says_nothing()
        .warns("no events");
}

#[test]
fn what_is_not_there_is_exit_code_3() {
    let (lab, _, _) = Lab::in_service();
    let server = Server::start(&lab);
    server.json_when("/api/v1/history", |history| history["events"].is_array());
    for (args, text) in [
        (
            ["device", "get", "ams-dz009"].as_slice(),
            "there is no device `ams-dz009`",
        ),
        (&["location", "get", "fra"], "there is no location `fra`"),
        (
            &["contributor", "get", "co02"],
            "there is no contributor `co02`",
        ),
        (
            &["device", "list", "--contributor", "co02"],
            "there is no contributor `co02`; right are co01",
        ),
        (
            &["device", "history", "ams-dz009"],
            "there is no such device",
        ),
    ] {
        let run = served(&lab, server.url(), args).exits(3).says_nothing();
        run.warns(&format!("error: {text}"));
    }
    let json = ["device", "get", "ams-dz009", "--output", "json"];
    let error = served(&lab, server.url(), &json).exits(3).error();
    assert_eq!(
        (&error["kind"], &error["name"]),
        (&json!("not-found"), &json!("NotFound"))
    );
}

#[test]
fn a_server_that_cannot_answer_is_exit_code_6() {
    let (lab, _, _) = Lab::in_service();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://me:password@{}/secret-path",
        nobody.local_addr().unwrap()
    );
    drop(nobody);
    let run = served(&lab, &url, &["device", "list"])
        .exits(6)
        .says_nothing();
    assert!(
        !run.stderr.contains("password") && !run.stderr.contains("secret-path"),
        "{run:?}"
    );
    run.warns("error: cannot reach http://127.0.0.1:")
        .warns("hint: check --server and the network");
    // The server is there, and its history is not.
    let server = Server::start_with(&lab, &["--no-history"]);
    served(&lab, server.url(), &["device", "history", DEVICE])
        .exits(6)
        .says_nothing()
        .warns("this server keeps no history");
}

#[test]
fn a_token_is_read_from_a_file() {
    let (lab, _, _) = Lab::in_service();
    let (right, wrong) = (
        lab.file("right", "right-token\n"),
        lab.file("wrong", "wrong-token"),
    );
    let server = Server::start_with(&lab, &["--token-file", &right]);
    let with = |file: &str| {
        let args = ["device", "list", "--server-token-file", file];
        served(&lab, server.url(), &args)
    };
    with(&right).exits(0).says(DEVICE);
    let refused = with(&wrong).exits(1).says_nothing();
    assert!(!refused.stderr.contains("wrong-token"), "{refused:?}");
    refused
        .warns("refuses access: ")
        .warns("--server-token-file");
    served(&lab, server.url(), &["device", "list"])
        .exits(1)
        .warns("refuses access: ");
    with("absent")
        .exits(2)
        .warns("--server-token-file absent: ");
}

#[test]
fn the_command_line_goes_before_the_environment_and_writing_verbs_go_to_the_ledger() {
    let fleet = Fleet::with_sessions(0);
    let lab = &fleet.lab;
    let server = Server::start(lab);
    let (ledger, url) = (lab.url(), server.url().to_owned());
    let environment = |args: &[&str]| lab.with(|it| it.args(args).env("EBB_SERVER", &url));
    let list = ["device", "list", "--output", "json"];
    assert_eq!(
        environment(&list).exits(0).json()["devices"][0]["code"],
        DEVICE
    );
    // A ledger that is named is read: no server could answer what is not there.
    let absent = format!("embedded:{}", lab.path().join("absent").display());
    environment(&["--url", &absent, "device", "list"]).exits(2);
    let activate = ["--url", &ledger, "device", "activate", DEVICE];
    environment(&activate).exits(0);
    environment(&["session", "list"])
        .exits(2)
        .warns("no ledger is named");
    lab.ebb(&["--server", &url, "device", "list"])
        .exits(2)
        .warns("--url and --server both name what to read");
    for verb in [
        ["device", "activate", DEVICE].as_slice(),
        &["session", "list"],
        &["lifecycle"],
    ] {
        for args in [
            [&["--server", &url], verb].concat(),
            [verb, &["--server", &url]].concat(),
        ] {
            lab.bare(&args)
                .exits(2)
                .warns("asks no server: leave out --server");
        }
    }
    for wrong in ["127.0.0.1:8080", "ftp://127.0.0.1", "/tmp/ledger"] {
        served(lab, wrong, &["device", "list"])
            .exits(2)
            .warns("is no URL of HTTP");
    }
}

#[test]
fn a_history_is_followed_through_a_restart_of_the_server() {
    let fleet = Fleet::with_sessions(0);
    let lab = &fleet.lab;
    let server = Server::start(lab);
    server.json_when(&format!("/api/v1/devices/{DEVICE}/history"), |history| {
        history["events"].as_array().is_some_and(|it| it.len() == 2)
    });
    let args = [
        "device",
        "history",
        DEVICE,
        "--follow",
        "--output",
        "json-lines",
        "--server",
    ];
    let mut following = Streaming::bare(lab, &[&args[..], &[server.url()]].concat());
    let mut lines: Vec<String> = (0..2).map(|_| following.line()).collect();
    fleet.drain();
    lines.push(following.line());
    let listen = format!("127.0.0.1:{}", server.port());
    server.kill("KILL");
    assert!(following.says().ends_with("; trying again"));
    fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
    fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
    drop(server);
    let _server = Server::start_with(lab, &["--listen", &listen]);
    lines.extend((0..2).map(|_| following.line()));
    fleet.create(DEVICE);
    lines.push(following.line());
    assert_eq!(following.end(), (Some(130), vec![]));
    let read = lab.ebb(&["device", "history", DEVICE, "--output", "json-lines"]);
    assert_eq!(read.exits(0).stdout, lines.join("\n") + "\n");
}

/// A list without devices, of a server that is so many slots behind.
fn no_devices(lag_slots: u64) -> String {
    json!({
        "schema_version": 1, "slot": 7, "time": "2026-01-02T03:04:05Z", "lag_slots": lag_slots, "age_seconds": 0,
        "devices": [], "unreadable": [],
    })
    .to_string()
}

#[test]
fn a_server_that_is_behind_is_reported() {
    let lab = Lab::new();
    let url = stub(|_| (200, String::new(), no_devices(1_000)));
    let run = served(&lab, &url, &["device", "list"])
        .exits(0)
        .says_nothing();
    let warning =
        format!("warning: {url} is 1000 slots (about 400 s) behind the ledger\nno devices\n");
    assert_eq!(run.stderr, warning);
    let url = stub(|_| (200, String::new(), no_devices(50)));
    let run = served(&lab, &url, &["device", "list"]).exits(0);
    assert_eq!(run.stderr, "no devices\n");
}

#[test]
fn what_is_no_server_of_ebb_is_named() {
    let lab = Lab::new();
    for (status, body, code, text) in [
        (200, "<html>", 1, "the server's answer cannot be read: "),
        (
            404,
            "<html>",
            1,
            "answers 404 Not Found, as no server of Ebb does",
        ),
        (502, "", 6, "answers 502 Bad Gateway"),
        (
            200,
            "{\"slot\": 1}",
            1,
            "the server's answer cannot be read: ",
        ),
    ] {
        let url = stub(move |_| (status, String::new(), body.to_owned()));
        let run = served(&lab, &url, &["device", "list"]);
        run.exits(code).says_nothing().warns(text);
    }
}

#[test]
fn a_long_history_is_read_page_by_page() {
    let fleet = Fleet::with_sessions(0);
    let args = ["device", "history", DEVICE, "--output", "json"];
    let whole = fleet.lab.ebb(&args).exits(0);
    let events = whole.json()["events"].as_array().unwrap().clone();
    let stamp = no_devices(0);
    let url = stub(move |path| {
        let page =
            |event: &Value| json!({"events": [event], "complete": true, "gaps": []}).to_string();
        let next = "Link: </proxied/api/v1/x?limit=1&after=0a-1.0>; rel=\"next\"\r\n".to_owned();
        match path {
            "/base/api/v1/lifecycle?key=1" => (200, String::new(), stamp.clone()),
            "/base/api/v1/devices/ams-dz001/history?key=1" => (200, next, page(&events[0])),
            "/base/api/v1/devices/ams-dz001/history?key=1&after=0a-1.0" => {
                (200, String::new(), page(&events[1]))
            }
            _ => (404, String::new(), String::new()),
        }
    });
    let asked = served(&fleet.lab, &format!("{url}/base/?key=1"), &args);
    assert_eq!(asked.exits(0).stdout, whole.stdout);
}

#[test]
fn holes_of_a_servers_history_are_named() {
    let fleet = Fleet::with_sessions(0);
    let args = ["device", "history", DEVICE, "--output", "json"];
    let whole = fleet.lab.ebb(&args).exits(0).json();
    let (stamp, events) = (no_devices(0), whole["events"].clone());
    let gaps = json!([
        {"registration": 1, "from": 3, "to": 5, "lost": true},
        {"registration": null, "from": 7, "to": 7, "lost": false},
    ]);
    let body = json!({"events": events, "complete": false, "gaps": gaps}).to_string();
    let url = stub(move |path| match path {
        "/api/v1/lifecycle" => (200, String::new(), stamp.clone()),
        _ => (200, String::new(), body.clone()),
    });
    let run = served(&fleet.lab, &url, &args).exits(1);
    assert_eq!(
        run.error()["message"],
        "the history of ams-dz001 is incomplete: there is no record of events 3 to 5 of registration 1, event 7 of an unknown registration"
    );
    assert_eq!(
        run.json()["gaps"],
        json!([{"registration": 1, "from": 3, "to": 5}, {"registration": null, "from": 7, "to": 7}])
    );
}
