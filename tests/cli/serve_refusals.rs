//! `ebb serve`: the problem document of each bad request, and what is not repeated of it.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        serve_history::{served, walked},
        server::{problem, Server},
        support::Lab,
    },
    reqwest::blocking::{Body, RequestBuilder},
    serde_json::{json, Value},
    std::{
        fs,
        io::{Cursor, Read, Write},
        path::Path,
    },
};

const TOKEN: &str = "S3cretToken";

/// What is not there, and how that is answered.
const ABSENT: [(&str, &str); 7] = [
    ("/api/v1/devices/absent", "there is no device `absent`"),
    ("/api/v1/devices/A%00", "there is no device `A\0`"),
    ("/api/v1/locations/absent", "there is no location `absent`"),
    (
        "/api/v1/contributors/absent",
        "there is no contributor `absent`",
    ),
    (
        "/api/v1/devices?contributor=absent",
        "there is no contributor `absent`; right are co01",
    ),
    (
        "/api/v1/devices/absent/history",
        "there is no such device, and there never was as far as the history goes",
    ),
    (
        "/api/v2/devices",
        "there is no /api/v2/devices; /api/v1/openapi.json lists what there is",
    ),
];

/// Positions that a server does not know, and how they are answered.
const GONE: [(&str, &str); 2] = [
    (
        "events",
        "the position is another server's, or too old: list again, and go on from there",
    ),
    (
        "history/events",
        "the cursor is another store's, or of what is not there: list again, and go on from there",
    ),
];

/// Sends a request, and compares the whole problem document.
#[track_caller]
fn is_refused(request: RequestBuilder, status: u16, title: &str, detail: &str) {
    let document = problem(request.send().unwrap());
    let expected =
        json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    assert_eq!(document, expected);
}

/// Queries that are refused, and why.
fn bad_queries() -> Vec<(&'static str, String)> {
    let filters = "status, without-status, health, without-health, contributor, without-contributor, location, \
                   without-location, draining-longer-than, without-draining-longer-than, overdue, without-overdue, \
                   blocked, without-blocked";
    let of_stream = "right is the id of an event of this stream, or the cursor of a list";
    let of_page = "right is what the Link header of a page has";
    vec![
        (
            "devices?colour=red",
            format!("there is no parameter `colour`; right are {filters}, limit, after, wait"),
        ),
        (
            "events?colour=red",
            format!("there is no parameter `colour`; right are {filters}, after"),
        ),
        (
            "watch?wait=1s",
            format!("there is no parameter `wait`; right are {filters}"),
        ),
        (
            "locations?colour=red",
            "there is no parameter `colour`; right are limit, after, wait".to_owned(),
        ),
        (
            "contributors?status=active",
            "there is no parameter `status`; right are limit, after, wait".to_owned(),
        ),
        (
            "devices/ams-dz001?limit=1",
            "there is no parameter `limit`; right are wait".to_owned(),
        ),
        (
            "lifecycle?wait=1s",
            "there is no parameter `wait`; this route takes none".to_owned(),
        ),
        (
            "openapi.json?a",
            "there is no parameter `a`; this route takes none".to_owned(),
        ),
        (
            "history?until=1h",
            "there is no parameter `until`; right are since, after, limit, wait".to_owned(),
        ),
        (
            "history/events?since=1h",
            "there is no parameter `since`; right are after".to_owned(),
        ),
        (
            "devices?limit=1.5",
            "limit: `1.5`: right is a whole number from 1 to 10000".to_owned(),
        ),
        (
            "history?limit=10001",
            "limit: `10001`: right is a whole number from 1 to 10000".to_owned(),
        ),
        (
            "locations?wait=61s",
            "wait: `61s`: right is at most 60s".to_owned(),
        ),
        (
            "history?since=soon",
            "since: `soon`: neither a time nor a duration; right is, for example, 2026-01-02T15:00:00Z, or 2h for two hours ago"
                .to_owned(),
        ),
        (
            "events?after=7",
            "after: `7`: right is the id of an event of this stream".to_owned(),
        ),
        ("history/events?after=7", format!("after: `7`: {of_stream}")),
        ("history?after=7", format!("after: `7`: {of_page}")),
    ]
}

#[test]
fn each_bad_query_has_its_problem_document() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    served(&server, &walked(&fleet));
    for (path, detail) in bad_queries() {
        let request = server.request("GET", &format!("/api/v1/{path}"));
        is_refused(request, 400, "Bad Request", &detail);
    }
    let request = server.request("GET", "/api/v1/devices/%FF");
    let detail = "Invalid URL: Invalid UTF-8 in `code`";
    is_refused(request, 400, "Bad Request", detail);
    for (path, id) in [("events", "7"), ("history/events", "")] {
        let request = server.request("GET", &format!("/api/v1/{path}"));
        let answer = request.header("last-event-id", id).send().unwrap();
        let detail = problem(answer)["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.starts_with(&format!("Last-Event-ID: `{id}`: right is ")),
            "{detail}"
        );
    }
    for (path, detail) in ABSENT {
        is_refused(server.request("GET", path), 404, "Not Found", detail);
    }
    for (path, detail) in GONE {
        let path = format!("/api/v1/{path}?after=0123456789abcdef-1");
        is_refused(server.request("GET", &path), 410, "Gone", detail);
    }
}

#[test]
fn each_bad_request_has_its_problem_document() {
    let lab = Lab::initialized();
    let server = Server::start_with(&lab, &["--no-history"]);
    let get = |path: &str| server.request("GET", path);
    let post = || server.request("POST", "/api/v1/transactions");
    let json = || post().header("content-type", "application/json");
    let long = "x".repeat(9_000);
    is_refused(
        get(&format!("/api/v1/devices?{long}")),
        414,
        "URI Too Long",
        "an address has at most 8192 bytes, and this has 9015",
    );
    let headers = "headers have at most 16384 bytes, and these have ";
    let document = problem(
        get("/healthz")
            .header("x-long", "x".repeat(20_000))
            .send()
            .unwrap(),
    );
    assert!(
        document["detail"].as_str().unwrap().starts_with(headers),
        "{document}"
    );
    assert_eq!(document["title"], "Request Header Fields Too Large");
    let too_long = "a body has at most 8192 bytes";
    is_refused(
        json().body(long.clone()),
        413,
        "Payload Too Large",
        too_long,
    );
    // Nobody said before how long it is.
    let chunked = Body::new(Cursor::new(long.into_bytes()));
    is_refused(json().body(chunked), 413, "Payload Too Large", too_long);
    let media_type = "the body is JSON, as Content-Type: application/json says";
    for request in [
        post().body("{}"),
        post().header("content-type", "text/json").body("{}"),
    ] {
        is_refused(request, 415, "Unsupported Media Type", media_type);
    }
    for (path, media_type) in [
        ("/api/v1/devices", "application/json"),
        ("/api/v1/history/events", "text/event-stream"),
        ("/metrics", "application/openmetrics-text"),
    ] {
        let detail = format!("the answer is {media_type}, which Accept does not name");
        let request = get(path).header("accept", "image/png");
        is_refused(request, 406, "Not Acceptable", &detail);
    }
    for (method, path) in [
        ("POST", "/api/v1/devices"),
        ("DELETE", "/api/v1/devices/ams-dz001"),
        ("PUT", "/api/v1/history"),
        ("GET", "/api/v1/transactions"),
        ("BREW", "/metrics"),
    ] {
        let detail = format!("{method} is not for this route; the Allow header names what is");
        is_refused(
            server.request(method, path),
            405,
            "Method Not Allowed",
            &detail,
        );
    }
    let body = |text: &str| json().body(text.to_owned());
    for (text, detail) in [
        ("", "the body: EOF while parsing a value at line 1 column 0"),
        (
            "{}",
            "the body: missing field `transaction` at line 1 column 2",
        ),
        (
            r#"{"transaction": 7}"#,
            "the body: invalid type: integer `7`, expected a string at line 1 column 17",
        ),
        (r#"{"transaction": "%"}"#, "transaction: not base64"),
        (r#"{"transaction": ""}"#, "transaction: its bytes are none"),
        (
            r#"{"transaction": "AAAA"}"#,
            "transaction: its bytes are none",
        ),
    ] {
        is_refused(body(text), 400, "Bad Request", detail);
    }
}

/// Every route takes what a client asks for that is documented there, as browsers and Prometheus do.
#[test]
fn each_route_answers_with_the_media_type_that_is_documented() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    served(&server, &walked(&fleet));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let document: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(content) = methods["get"]["responses"]["200"]["content"].as_object() else {
            continue;
        };
        for media_type in content.keys() {
            let path = path.replace(
                "{code}",
                match path.contains("/devices/") {
                    true => DEVICE,
                    false if path.contains("/locations/") => "ams",
                    false => "co01",
                },
            );
            let request = server.request("GET", &path).header("accept", media_type);
            let response = request.send().unwrap();
            assert_eq!(response.status(), 200, "{path}");
            let given = response.headers()["content-type"].to_str().unwrap();
            assert!(given.starts_with(media_type.as_str()), "{path}: {given}");
            asked += 1;
        }
    }
    assert!(asked >= 16, "{asked}");
}

#[cfg(unix)]
#[test]
fn nothing_of_a_request_is_printed_or_exported() {
    let (lab, ..) = Lab::in_service();
    let file = lab.file("token", &format!("{TOKEN}\n"));
    let server = Server::start_with(&lab, &["--token-file", &file, "--no-history"]);
    let get = |path: &str| server.request("GET", path);
    let token =
        "this server asks for `Authorization: Bearer TOKEN`, and the right token was not given";
    for request in [
        get("/api/v1/devices"),
        get("/metrics").bearer_auth("S3cretTokem"),
        get(&format!("/api/v1/devices?token={TOKEN}")),
        get("/api/v1/devices").basic_auth(TOKEN, Some("S3cretTokem")),
        server
            .request("POST", "/api/v1/transactions")
            .basic_auth("ebb", Some(TOKEN))
            .json(&json!({"transaction": "S3cret"})),
        server
            .request("POST", "/api/v1/transactions")
            .json(&json!({"transaction": "S3cret"})),
    ] {
        is_refused(request, 401, "Unauthorized", token);
    }
    let unknown = get("/S3cretPath").bearer_auth(TOKEN);
    assert_eq!(problem(unknown.send().unwrap())["status"], 404);
    let relayed = server
        .request("POST", "/api/v1/transactions")
        .bearer_auth(TOKEN);
    let relayed = relayed
        .json(&json!({"transaction": "S3cret=="}))
        .send()
        .unwrap();
    assert_eq!(problem(relayed)["status"], 400);
    let mut stream = server.connect();
    stream
        .write_all(b"GET /S3cret\x01 nothing\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(!answer.contains("S3cret"), "{answer}");
    let metrics = get("/metrics").bearer_auth(TOKEN).send().unwrap();
    let metrics = metrics.text().unwrap();
    assert!(
        metrics.contains("route=\"none\",method=\"GET\",status=\"404\"} 1"),
        "{metrics}"
    );
    assert!(!metrics.contains("S3cret"), "{metrics}");
    server.kill("TERM");
    assert_eq!(server.end(), (143, "error: ended by SIGTERM\n".to_owned()));
}

#[test]
fn the_secrets_of_the_clusters_url_are_not_repeated() {
    let (lab, ..) = Lab::in_service();
    let url = "http://S3cretUser:S3cretWord@127.0.0.1:1/S3cretPath?api-key=S3cretKey";
    let mut server = Server::start_with(&lab, &["--url", url]);
    let mut heard = server.says();
    assert!(
        heard.starts_with("warning: serving what was read before: "),
        "{heard}"
    );
    for path in [
        "/api/v1/devices",
        "/api/v1/history",
        "/readyz",
        "/api/v1/watch",
    ] {
        heard.push_str(&server.problem(path, 503));
    }
    heard.push_str(&server.get("/metrics").text().unwrap());
    assert!(!heard.contains("S3cret"), "{heard}");
}
