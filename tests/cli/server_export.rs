//! `ebb history export` and `verify` of a server.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        serve_history::{link, served, walked},
        server::Server,
        stub::stub,
        support::Run,
    },
    serde_json::json,
    std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
};

const EXPORT: &str = "/api/v1/history/export";

/// A server whose store has all that happened, and what the store exports.
fn kept(fleet: &Fleet) -> (Server, String) {
    let server = Server::start(&fleet.lab);
    served(&server, &walked(fleet));
    let store = fleet.lab.path().join("history.sqlite");
    let export = ["history", "export", "--history", store.to_str().unwrap()];
    let lines = fleet.lab.ebb(&export).exits(0).stdout;
    (server, lines)
}

fn verify(fleet: &Fleet, server: &str) -> Run {
    fleet
        .lab
        .ebb(&["history", "verify", "--server", server, "--output", "json"])
}

#[test]
fn a_servers_history_is_that_of_its_store_byte_by_byte_and_complete() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    let (server, lines) = kept(&fleet);
    assert_eq!(lines.lines().count(), 8);
    let asked = ["history", "export", "--server", server.url()];
    // No ledger is named.
    let export = fleet.lab.bare(&asked).exits(0);
    assert_eq!(
        (export.stdout, export.stderr),
        (lines.clone(), String::new())
    );
    let file = fleet.lab.file("history.jsonl", &lines);
    let other = fleet.lab.path().join("other.sqlite");
    let import = [
        "history",
        "import",
        &file,
        "--history",
        other.to_str().unwrap(),
    ];
    fleet.lab.ebb(&import).exits(0);

    let verdict =
        json!({"schema_version": 1, "complete": true, "accounts": 4, "events": 7, "missing": []});
    assert_eq!(verify(&fleet, server.url()).exits(0).json(), verdict);
    fleet
        .lab
        .ebb(&["history", "verify", "--server", server.url()])
        .exits(0)
        .says("complete: 7 events of 4 accounts");
}

#[test]
fn the_pages_of_an_export_are_all_of_it() {
    let fleet = Fleet::with_sessions(0);
    let (server, lines) = kept(&fleet);
    for limit in [1, 2, 5, 1_000] {
        let (mut text, mut pages) = (String::new(), 0);
        let mut next = Some(format!("{EXPORT}?limit={limit}"));
        while let Some(path) = next {
            let response = server.get(&path);
            assert_eq!(response.status(), 200);
            let headers = response.headers();
            assert_eq!(headers["content-type"], "application/x-ndjson");
            next = link(&response);
            text.push_str(&response.text().unwrap());
            pages += 1;
        }
        // Whether a full page is the last one shows when the next is empty.
        assert_eq!((text, pages), (lines.clone(), 5 / limit + 1), "{limit}");
    }
    let first = server.get(&format!("{EXPORT}?limit=1"));
    let next = link(&first).unwrap();
    let (path, place) = next.split_once("after=").unwrap();
    let foreign = format!("{path}after={}{}", "0".repeat(16), &place[16..]);
    assert!(server.problem(&foreign, 410).contains("another store"));
    for wrong in ["after=x", "limit=0", "limit=10001", "since=1d", "wait=1s"] {
        server.problem(&format!("{EXPORT}?{wrong}"), 400);
    }
    let refused = server.request("GET", EXPORT).header("accept", "text/html");
    assert_eq!(refused.send().unwrap().status(), 406);
}

/// A server that answers two pages of lines, and the second one first as `trouble` does, so many times.
fn in_two(lines: &str, (status, times): (u16, usize)) -> (String, Arc<AtomicUsize>) {
    let (lines, asked) = (lines.to_owned(), Arc::<AtomicUsize>::default());
    let count = asked.clone();
    let url = stub(move |path| {
        let (first, second) = lines.split_at(lines.find("\n{\"event\"").unwrap() + 1);
        let next = format!("Link: <{EXPORT}?after=0a-1.0.2.0>; rel=\"next\"\r\n");
        match path.split_once("after=") {
            None => (200, next, first.to_owned()),
            Some(_) if count.fetch_add(1, Ordering::SeqCst) < times => {
                let problem = json!({"detail": "the cursor is of another store"});
                (status, String::new(), problem.to_string())
            }
            Some(_) => (200, String::new(), second.to_owned()),
        }
    });
    (url, asked)
}

#[test]
fn an_export_goes_on_after_an_outage_and_ends_where_the_server_keeps_another_store() {
    let fleet = Fleet::with_sessions(0);
    let (_server, lines) = kept(&fleet);
    let (url, asked) = in_two(&lines, (503, 2));
    let export = fleet.lab.bare(&["history", "export", "--server", &url]);
    assert_eq!(export.exits(0).stdout, lines);
    assert_eq!(asked.load(Ordering::SeqCst), 3);

    let (url, _) = in_two(&lines, (410, 1));
    fleet
        .lab
        .bare(&["history", "export", "--server", &url])
        .exits(1)
        .warns("the cursor is of another store")
        .warns("the server keeps another history now: try again");
    // What was read so far is not printed as a verdict, so it is read anew.
    let (url, asked) = in_two(&lines, (410, 1));
    let verdict = verify(&fleet, &url).exits(0).json();
    assert_eq!(verdict["complete"], true);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn what_a_server_lacks_or_makes_up_is_found() {
    let fleet = Fleet::with_sessions(0);
    let (_server, lines) = kept(&fleet);
    let last = lines.trim_end().rfind('\n').unwrap();
    let cut = lines[..=last].to_owned();
    let url = stub(move |_| (200, String::new(), cut.clone()));
    let verdict = verify(&fleet, &url).exits(1).json();
    let hole = &verdict["missing"][0];
    assert_eq!(verdict["missing"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        [&hole["code"], &hole["first"], &hole["last"], &hole["lost"]],
        [&json!(DEVICE), &json!(2), &json!(2), &json!(false)]
    );

    let other = Fleet::with_sessions(0);
    let (server, _) = kept(&other);
    verify(&fleet, server.url())
        .exits(2)
        .warns("the genesis is ");
    let url = stub(|_| (200, String::new(), "{}\n".to_owned()));
    verify(&fleet, &url)
        .exits(2)
        .warns("it is not the first line of an exported history");
    let url = stub(|_| (404, String::new(), String::new()));
    verify(&fleet, &url)
        .exits(1)
        .warns("as no server of Ebb does");
}

#[test]
fn a_store_goes_before_a_server_of_the_environment() {
    let fleet = Fleet::with_sessions(0);
    let (server, lines) = kept(&fleet);
    let store = fleet.lab.path().join("history.sqlite");
    let store = store.to_str().unwrap();
    let with = |server: &str, args: &[&str]| -> Run {
        fleet
            .lab
            .with(|command| command.args(args).env("EBB_SERVER", server))
    };
    let url = fleet.lab.url();
    let export = ["history", "export"];
    assert_eq!(with(server.url(), &export).exits(0).stdout, lines);
    let away = "http://127.0.0.1:1";
    let of_store = ["history", "export", "--history", store, "--url", &url];
    assert_eq!(with(away, &of_store).exits(0).stdout, lines);
    with(away, &export).exits(6);
    // Where a ledger is named, its store is read.
    with(away, &["history", "export", "--url", &url])
        .exits(3)
        .warns("there is no history store at");
    let of_both = ["history", "verify", "--history", store, "--server", away];
    fleet
        .lab
        .ebb(&of_both)
        .exits(2)
        .warns("--history and --server both name what to read");
    // An import goes to the store.
    let file = fleet.lab.file("history.jsonl", &lines);
    let import = ["history", "import", &file, "--url", &url];
    with(away, &import).exits(0);
}
