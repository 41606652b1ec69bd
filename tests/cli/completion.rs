//! Completion as shells ask for it.

use {
    crate::{
        endpoint::{http, Node},
        support::{Lab, Run},
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions},
        pda, ID,
    },
    serde_json::json,
    std::{
        fs,
        sync::Arc,
        thread,
        time::{Duration, Instant},
    },
};

/// Asks for candidates for the last word, as bash does, and waits for as long as it takes.
fn ask(lab: &Lab, arguments: &[&str]) -> Run {
    ask_within(lab, "5m", arguments)
}

fn ask_within(lab: &Lab, limit: &str, arguments: &[&str]) -> Run {
    let index = arguments.len().to_string();
    lab.with(|command| {
        command
            .env("EBB_COMPLETE", "bash")
            .env("EBB_COMPLETE_TIMEOUT", limit)
            .env("_CLAP_COMPLETE_INDEX", index)
            .env("_CLAP_IFS", "\n")
            .env_remove("XDG_CACHE_HOME")
            .args(["--", "ebb"])
            .args(arguments)
    })
}

/// The candidates without the options, which an empty word may be too; nothing else is printed.
fn candidates(lab: &Lab, arguments: &[&str]) -> Vec<String> {
    let run = ask(lab, arguments).exits(0);
    assert_eq!(run.stderr, "", "{arguments:?}");
    let lines = run.stdout.lines().filter(|line| !line.starts_with('-'));
    lines.map(str::to_owned).collect()
}

#[test]
fn codes_come_from_the_ledger() {
    let (lab, ..) = Lab::in_service();
    lab.create_location("ldn").exits(0);
    let url = lab.url();
    let on_ledger = |arguments: &[&str]| candidates(&lab, &[&["--url", &url], arguments].concat());
    for verb in ["get", "drain", "retire"] {
        assert_eq!(on_ledger(&["device", verb, ""]), ["ams-dz001"], "{verb}");
    }
    assert_eq!(on_ledger(&["location", "get", ""]), ["ams", "ldn"]);
    assert_eq!(on_ledger(&["location", "get", "l"]), ["ldn"]);
    assert_eq!(on_ledger(&["contributor", "suspend", "c"]), ["co01"]);
    let list = ["device", "list", "--location", "ams,l"];
    assert_eq!(on_ledger(&list), ["ams,ldn"]);
    let after = ["disk-key", "list", "--url", &url, "a"];
    assert_eq!(candidates(&lab, &after), ["ams-dz001"]);
}

#[test]
fn what_has_names_and_files_is_completed_without_a_ledger() {
    let lab = Lab::new();
    lab.file("devices.csv", "");
    assert_eq!(
        candidates(&lab, &["device", "list", "--status", "retire"]),
        ["retired"]
    );
    assert_eq!(
        candidates(&lab, &["device", "report-health", "ams-dz001", "un"]),
        ["unknown", "unhealthy"]
    );
    assert_eq!(
        candidates(&lab, &["device", "create", "--type", "h"]),
        ["hybrid"]
    );
    assert_eq!(
        candidates(&lab, &["device", "import", "dev"]),
        ["devices.csv"]
    );
    assert_eq!(candidates(&lab, &["device", "dr"]), ["drain"]);
}

#[test]
fn a_ledger_that_is_away_gives_no_candidates_and_no_error() {
    let lab = Lab::new();
    let config = lab.file("broken.yml", "json_rpc_url: [");
    let embedded = lab.url();
    for options in [
        &["--url", "http://127.0.0.1:1"][..],
        &["--url", &embedded],
        &["--url", "nonsense"],
        &["--config", &config],
        &[],
    ] {
        let arguments = [options, &["device", "get", "a"]].concat();
        let run = lab.with(|command| {
            command
                .env("EBB_COMPLETE", "bash")
                .env("_CLAP_COMPLETE_INDEX", arguments.len().to_string())
                .args(["--", "ebb"])
                .args(&arguments)
        });
        let run = run.exits(0).says_nothing();
        assert_eq!(run.stderr, "", "{options:?}");
    }
    assert!(!lab.ledger().exists());
}

#[cfg(unix)]
#[test]
fn the_codes_that_were_read_last_are_kept_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let (lab, ..) = Lab::in_service();
    let url = lab.url();
    let arguments = ["--url", &url, "device", "get", "a"];
    assert_eq!(candidates(&lab, &arguments), ["ams-dz001"]);
    let cache = lab.path().join(".cache/ebb/completion");
    let files: Vec<_> = fs::read_dir(&cache).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 1);
    for (path, mode) in [(&cache, 0o700), (&files[0].path(), 0o600)] {
        let found = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    fs::remove_dir_all(lab.ledger()).unwrap();
    assert_eq!(candidates(&lab, &arguments), ["ams-dz001"]);
    let other = ["--program-id", "11111111111111111111111111111112"];
    assert_eq!(
        ask(&lab, &[&other[..], &arguments].concat())
            .exits(0)
            .stdout,
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_does_not_answer_in_time_is_read_for_the_next_who_asks() {
    let (lab, ..) = Lab::in_service();
    let ledger = EmbeddedLedger::open(lab.ledger(), EmbeddedOptions::default()).unwrap();
    let client = Client::new(Arc::new(ledger), ID);
    let device = pda::device(&ID, "ams-dz001").0;
    let account = client.ledger().accounts(&[device]).await.unwrap().remove(0);
    let account = account.unwrap();
    let found = json!({
        "pubkey": device.to_string(),
        "account": {
            "lamports": account.lamports,
            "data": [BASE64_STANDARD.encode(&account.data), "base64"],
            "owner": ID.to_string(),
            "executable": false,
            "rentEpoch": 0,
        },
    });
    let body = json!({
        "jsonrpc": "2.0",
        "id": 0,
        "result": { "context": { "slot": 100 }, "value": [found] },
    });
    let node = Node::start(move |_, _| {
        thread::sleep(Duration::from_secs(2));
        Some(http("200 OK", &body.to_string()))
    });
    let ask = || {
        let arguments = ["--url", &node.url, "device", "get", "a"];
        let run = ask_within(&lab, "1s", &arguments).exits(0);
        assert_eq!(run.stderr, "");
        run.stdout
    };
    assert_eq!(ask(), "");
    let start = Instant::now();
    while ask().trim_end() != "ams-dz001" {
        assert!(start.elapsed() < Duration::from_secs(60), "it is not read");
    }
}
