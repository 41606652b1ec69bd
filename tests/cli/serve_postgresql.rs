//! `ebb serve` over PostgreSQL: the same answers, an outage, and a server that is killed.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        readme::{between, blocks, commands},
        serve_history::{events, of, served, walked, without, DEVICE_HISTORY, HISTORY, STREAM},
        server::{detail, Server},
    },
    ebb_postgresql::Server as Postgresql,
    serde_json::{json, Value},
    std::thread,
};

const PAGE: &str = include_str!("../../docs/service.md");

/// A server whose store is a database.
fn start(fleet: &Fleet, url: &str) -> Server {
    Server::start_with(&fleet.lab, &["--history", url])
}

/// All that a stream has sent since the beginning, without what only one of stream and list has.
fn streamed(server: &Server, count: usize) -> Vec<Value> {
    let cursor = server.json(HISTORY)["cursor"].clone();
    let (store, position) = cursor.as_str().unwrap().split_once('-').unwrap();
    // As many entries as events: nothing is repeated.
    assert_eq!(position, count.to_string());
    let mut stream = server.stream(&format!("{STREAM}?after={store}-0"));
    let heard: Vec<_> = (0..count).map(|_| stream.next().unwrap()).collect();
    assert!(heard.iter().all(|event| event.name == "happened"));
    heard.into_iter().map(|event| event.data).collect()
}

#[test]
fn its_answers_are_those_of_a_file() {
    let Some(postgresql) = Postgresql::start() else {
        return;
    };
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    fleet.close(0);
    for verb in ["retire", "remove"] {
        fleet.device(&[verb, DEVICE, "--yes"]).exits(0);
    }
    fleet.create(DEVICE);
    let servers = [
        Server::start(&fleet.lab),
        start(&fleet, &postgresql.database("alike")),
    ];
    let expected = walked(&fleet);
    let [file, database] = servers.each_ref().map(|it| served(it, &expected));
    assert_eq!(expected.len(), 8);
    let address = ebb_sdk::pda::device(&ebb_sdk::ID, DEVICE).0;
    let since = of(&expected[6], "time");
    let parts = |server: &Server, path: &str| {
        let response = server.get(path);
        let headers = ["ebb-slot", "ebb-final-slot", "etag"];
        let headers = headers.map(|name| response.headers().get(name).cloned());
        let mut document: Value = response.json().unwrap();
        document.as_object_mut().unwrap().remove("cursor");
        (headers, document)
    };
    for path in [
        HISTORY.to_owned(),
        format!("{HISTORY}?since={since}"),
        format!("{HISTORY}?since=2999-01-01T00:00:00Z"),
        DEVICE_HISTORY.to_owned(),
        format!("/api/v1/devices/{address}/history?since={since}"),
        "/api/v1/devices/absent/history".to_owned(),
    ] {
        let [file, database] = servers.each_ref().map(|it| parts(it, &path));
        assert_eq!(file, database, "{path}");
    }
    // Pages: the places of events are the same, and the cursors are each store's own.
    let pages = |server: &Server, document: &Value| {
        let id = of(document, "cursor").split_once('-').unwrap().0.to_owned();
        let mut next = Some(format!("{HISTORY}?limit=5"));
        let mut pages = vec![];
        while let Some(path) = next {
            let response = server.get(&path);
            next = crate::serve_history::link(&response);
            let page = events(&response.json().unwrap());
            pages.push((path.replace(&id, "STORE"), page));
        }
        pages
    };
    let [one, other] = [pages(&servers[0], &file), pages(&servers[1], &database)];
    assert_eq!(one.iter().map(|(_, page)| page.len()).sum::<usize>(), 11);
    assert_eq!(one, other);
    let [one, other] = servers.each_ref().map(|it| streamed(it, 11));
    assert_eq!(one, other);
}

/// A server that has ended, until this is dropped.
struct Ended<'a>(&'a Postgresql);

impl<'a> Ended<'a> {
    fn of(postgresql: &'a Postgresql) -> Self {
        postgresql.end();
        Self(postgresql)
    }
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.begin();
    }
}

/// Over an outage, which lasts until the return value of `begin` is dropped, the state is served and the store is reported
/// away; then nothing is lost or repeated.
fn over_an_outage<Outage>(postgresql: &Postgresql, begin: impl FnOnce() -> Outage) {
    let fleet = Fleet::with_sessions(0);
    let mut server = start(&fleet, &postgresql.database("away"));
    let before = served(&server, &walked(&fleet));
    let (store, position) = of(&before, "cursor").split_once('-').unwrap();
    let mut stream = server.stream(&format!("{STREAM}?after={store}-0"));
    // Once it has sent all that is there it is quiet, and asks the store for nothing.
    for _ in 0..position.parse::<u64>().unwrap() {
        stream.next().unwrap();
    }

    let outage = begin();
    fleet.drain();
    let warning = server.says();
    let reason = "the history stands still: the history store is not available: ";
    assert!(
        warning.starts_with(&format!("warning: {reason}")),
        "{warning}"
    );
    // Each waits for a connection for a while.
    thread::scope(|scope| {
        for path in [HISTORY, DEVICE_HISTORY, STREAM] {
            let server = &server;
            scope.spawn(move || {
                let response = server.get(path);
                assert_eq!(response.headers()["retry-after"], "5");
                let detail = detail(response, 503);
                let away = "the history store is not available: ";
                assert!(detail.starts_with(away), "{detail}");
            });
        }
    });
    let device = format!("/api/v1/devices/{DEVICE}");
    server.json_when(&device, |it| it["provisioning_status"] == "draining");
    assert_eq!(server.json("/readyz")["status"], "ready");
    assert_eq!(server.get("/metrics").status(), 200);

    drop(outage);
    assert_eq!(server.says(), "the history can be read again\n");
    let after = served(&server, &walked(&fleet));
    assert_eq!(after["complete"], true);
    // A stream that was quiet meanwhile goes on.
    let drained = stream.next().unwrap();
    assert_eq!(drained.data["event"], "drain-started");
    fleet.device(&["undrain", DEVICE]).exits(0);
    assert_eq!(stream.next().unwrap().data["event"], "device-undrained");
    let expected = walked(&fleet);
    served(&server, &expected);
    let keys = ["registration", "generation"];
    let all = streamed(&server, 3 + expected.len());
    assert_eq!(without(&all[3..], &keys), without(&expected, &keys));
}

#[test]
fn while_it_restarts_the_state_is_served_and_then_nothing_is_lost_or_repeated() {
    let Some(postgresql) = Postgresql::start() else {
        return;
    };
    over_an_outage(&postgresql, || Ended::of(&postgresql));
}

#[test]
fn while_it_stands_still_the_state_is_served_and_then_nothing_is_lost_or_repeated() {
    let Some(postgresql) = Postgresql::start() else {
        return;
    };
    over_an_outage(&postgresql, || postgresql.freeze());
}

#[test]
fn where_the_writer_is_killed_the_other_goes_on_without_a_gap_or_a_repeat() {
    let Some(postgresql) = Postgresql::start() else {
        return;
    };
    let fleet = Fleet::with_sessions(0);
    let url = postgresql.database("shared");
    let first = start(&fleet, &url);
    let before = served(&first, &walked(&fleet));
    // It only reads, as the first has the lock.
    let second = start(&fleet, &url);
    assert_eq!(served(&second, &walked(&fleet))["cursor"], before["cursor"]);
    let after = format!("{STREAM}?after={}", of(&before, "cursor"));
    let mut stream = second.stream(&after);
    fleet.drain();
    assert_eq!(stream.next().unwrap().data["event"], "drain-started");

    first.kill("KILL");
    fleet.device(&["undrain", DEVICE]).exits(0);
    assert_eq!(stream.next().unwrap().data["event"], "device-undrained");
    fleet.drain();
    assert_eq!(stream.next().unwrap().data["event"], "drain-started");
    let expected = walked(&fleet);
    let document = served(&second, &expected);
    assert_eq!(document["complete"], true);
    let keys = ["registration", "generation"];
    let all = streamed(&second, 3 + expected.len());
    assert_eq!(without(&all[3..], &keys), without(&expected, &keys));
    assert_eq!(second.json("/readyz")["status"], json!("ready"));
}

#[test]
fn a_password_in_its_url_is_not_repeated() {
    let fleet = Fleet::with_sessions(0);
    let url = "postgres://ebb:S3cretWord@127.0.0.1:1/ebb";
    let mut server = start(&fleet, url);
    let warning = server.says();
    assert!(
        warning.starts_with("warning: the history stands still: "),
        "{warning}"
    );
    let detail = server.problem(HISTORY, 503);
    assert!(
        !format!("{warning}{detail}").contains("S3cret"),
        "{warning}{detail}"
    );
    assert_eq!(server.codes(""), [DEVICE]);
}

#[test]
fn what_the_page_says_of_databases_works_as_written() {
    let Some(postgresql) = Postgresql::start() else {
        return;
    };
    let fleet = Fleet::with_sessions(0);
    let shell = |line: &str| {
        let variables = postgresql.shell_variables();
        fleet.lab.shell(&format!("{variables}; {line}")).exits(0)
    };
    let section = between(PAGE, "### Several servers on PostgreSQL\n", "\n## ");
    let [statements] = blocks(section, "sql")[..] else {
        panic!("{section}");
    };
    shell(&format!("psql -v ON_ERROR_STOP=1 <<'END'\n{statements}END"));
    let expected = walked(&fleet);
    let first = start(&fleet, &postgresql.url_as("ebb", "ebb"));
    let before = served(&first, &expected);

    let backup = "<!-- postgresql-backup:begin -->";
    let lines = commands(between(PAGE, backup, "<!-- postgresql-backup:end -->"));
    assert_eq!(lines.len(), 4, "{lines:#?}");
    for line in &lines {
        shell(line);
    }
    let restored = postgresql.url_as("ebb", "restored");
    let copy = start(&fleet, &restored);
    served(&copy, &expected);
    let stale = format!("{STREAM}?after={}", of(&before, "cursor"));
    copy.problem(&stale, 410);
    let verify = ["history", "verify", "--history", &restored];
    fleet.lab.ebb(&verify).exits(0);
}
