//! Text that comes from the chain, a node, a file or an argument never moves the cursor, forges a line or hides.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::{Lab, Run},
    },
    serde_json::Value,
    std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        thread,
    },
};

/// Clears the screen, turns the line around, hides, ends the line and forges one.
const HOSTILE: &str = "\u{1b}[2J\u{9b}1m\u{202e}x\u{200b}\u{2028}\r\nerror: forged\u{7}";
const SHOWN: &str = r"\u{1b}[2J\u{9b}1m\u{202e}x\u{200b}\u{2028}\r\nerror: forged\u{7}";

/// Asserts that a terminal shows every letter as itself.
#[track_caller]
fn assert_plain(text: &str) {
    let hidden = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(
                letter,
                '\u{202e}'
                    | '\u{200b}'
                    | '\u{2028}'
                    | '\u{2066}'
                    | '\u{feff}'
                    | '\u{61c}'
                    | '\u{ad}'
                    | '\u{206a}'
                    | '\u{fff9}'
            )
    };
    assert!(!text.contains(hidden), "{text:?}");
    assert!(
        !text.lines().any(|line| line.starts_with("error: forged")),
        "{text}"
    );
}

#[track_caller]
fn assert_run_is_plain(run: &Run) {
    assert_plain(&run.stdout);
    assert_plain(&run.stderr);
}

#[test]
fn arguments_are_shown_with_escapes() {
    let (lab, ..) = Lab::in_service();
    for args in [
        &["device", "get", HOSTILE][..],
        &["device", "list", "--contributor", HOSTILE],
        &["device", "drain", DEVICE, "--reason", HOSTILE],
        &["device", HOSTILE],
        &["--url", HOSTILE, "device", "list"],
        &["--keypair", HOSTILE, "device", "activate", DEVICE],
        &["location", "import", HOSTILE],
        &["--config", HOSTILE, "device", "list"],
        &["device", "list", HOSTILE],
        &[&format!("--{HOSTILE}")],
        &["device", "list", &format!("--status={HOSTILE}")],
    ] {
        for colour in ["0", "1"] {
            let url = lab.url();
            let run = lab.with(|command| {
                let command = command.env("CLICOLOR_FORCE", colour);
                if !args.contains(&"--url") && !args.contains(&"--config") {
                    command.args(["--url", &url]);
                }
                command.args(args)
            });
            assert_eq!(run.code, 2, "{args:?}: {run:?}");
            let stderr = ["1", "2", "4"]
                .iter()
                .fold(run.stderr.clone(), |text, style| {
                    text.replace(&format!("\u{1b}[{style}m"), "")
                });
            let stderr = stderr.replace("\u{1b}[0m", "").replace("\u{1b}[31m", "");
            let stderr = stderr.replace("\u{1b}[32m", "").replace("\u{1b}[33m", "");
            // A URL may hold secrets, so one that is none is not shown at all.
            let shown = if args.contains(&"--url") {
                "the given URL is neither"
            } else {
                SHOWN
            };
            assert!(stderr.contains(shown), "{args:?}: {stderr}");
            assert_plain(&stderr);
            assert_plain(&run.stdout);
        }
    }
}

#[test]
fn files_are_shown_with_escapes() {
    let lab = Lab::initialized();
    let hostile = HOSTILE.replace("\r\n", "");
    let file = lab.file(
        "locations.csv",
        &format!("code,name,country,lat,lng\n{hostile},Amsterdam,NL,52.3,4.94\nams,{hostile},NL,52.3,4.94\n"),
    );
    let run = lab.ebb(&["location", "import", &file]);
    let shown = SHOWN.replace(r"\r\n", "");
    assert!(
        run.stderr
            .starts_with(&format!("error: line 2: code `{shown}`: ")),
        "{}",
        run.stderr
    );
    assert_run_is_plain(&run);
}

#[test]
fn what_the_chain_holds_is_shown_with_escapes() {
    let fleet = Fleet::with_sessions(1);
    // What the program refuses is not on chain; these it takes, and a terminal obeys or hides them all the same.
    let (reason, shown) = (
        "\u{61c}\u{ad}a\u{206a}b\u{fff9}",
        r"\u{61c}\u{ad}a\u{206a}b\u{fff9}",
    );
    fleet.drain_because(reason);
    let get = fleet.lab.ebb(&["device", "get", DEVICE]).exits(0);
    assert_run_is_plain(&get);
    assert!(
        get.stdout
            .lines()
            .any(|line| line == format!("Drain reason    {shown}")),
        "{}",
        get.stdout
    );
    let drain = ["drain", DEVICE, "--yes", "--detach"];
    let again = fleet
        .device(&drain)
        .exits(0)
        .says(&format!(", reason: {shown};"));
    assert_run_is_plain(&again);
    assert_run_is_plain(&fleet.lab.ebb(&["device", "list"]).exits(0));

    let json = fleet
        .lab
        .ebb(&["device", "get", DEVICE, "--output", "json"])
        .exits(0);
    assert_run_is_plain(&json);
    assert!(
        json.stdout
            .contains(r#""reason": "\u061c\u00ada\u206ab\ufff9""#),
        "{}",
        json.stdout
    );
    assert_eq!(json.json()["drain"]["reason"], reason);
    let list = fleet
        .lab
        .ebb(&["device", "list", "--output", "json"])
        .exits(0);
    assert_run_is_plain(&list);
    assert_eq!(list.json()["devices"][0]["drain"]["reason"], reason);
}

/// Answers every request as a node that fails with a hostile message.
fn hostile_node() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    url
}

fn answer(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let request: Value = serde_json::from_slice(&body).ok()?;
        let error = serde_json::json!({"code": -32000, "message": HOSTILE});
        let answer =
            serde_json::json!({"jsonrpc": "2.0", "id": request["id"], "error": error}).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
        write!(
            stream,
            "{head}Content-Length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .ok()?;
    }
}

#[test]
fn what_a_node_says_is_shown_with_escapes() {
    let lab = Lab::new();
    let url = hostile_node();
    let run = lab.bare(&["--url", &url, "device", "get", DEVICE]);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains(SHOWN), "{run:?}");
    assert_run_is_plain(&run);
    let run = lab.bare(&["--url", &url, "device", "get", DEVICE, "--output", "json"]);
    assert_plain(&run.stderr);
    assert!(run.error()["message"].as_str().unwrap().contains(HOSTILE));
}
