//! A stdout that cannot be written to, after something landed.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::{Lab, Run, EBB},
    },
    serde_json::Value,
    std::{
        fs::OpenOptions,
        io::pipe,
        process::{Command, Stdio},
    },
};

/// Runs `ebb` with this for its stdout.
fn run_into(lab: &Lab, stdout: impl Into<Stdio>, args: &[&str]) -> Run {
    let output = Command::new(EBB)
        .args(["--url", &lab.url()])
        .args(args)
        .current_dir(lab.path())
        .env("HOME", lab.path())
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A pipe that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A line on what landed, with a signature for `SIGNATURE`.
#[track_caller]
fn assert_landed(stderr: &str, texts: &[&str]) {
    let lines: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("done, "))
        .collect();
    assert_eq!(lines.len(), texts.len(), "{stderr}");
    for (line, text) in lines.iter().zip(texts) {
        let rest = line
            .strip_prefix("done, and not written to stdout: ")
            .unwrap();
        let (said, signature) = rest.rsplit_once(" (").unwrap();
        assert_eq!(said, *text);
        let signature = signature.strip_suffix(')').unwrap();
        assert!(
            signature
                .parse::<solana_sdk::signature::Signature>()
                .is_ok(),
            "{line}"
        );
    }
}

#[cfg(target_os = "linux")]
fn full() -> Stdio {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_a_failure_and_what_landed_is_said() {
    let fleet = Fleet::with_sessions(0);
    ["ams-dz002", "ams-dz003"]
        .iter()
        .for_each(|code| fleet.create(code));
    let activate = ["device", "activate", DEVICE, "ams-dz002", "ams-dz003"];
    let run = run_into(&fleet.lab, full(), &activate).exits(1);
    assert_landed(
        &run.stderr,
        &[
            "ams-dz002: pending → activated",
            "ams-dz003: pending → activated",
        ],
    );
    let last = run.stderr.lines().last().unwrap();
    assert_eq!(
        last,
        "error: cannot write to stdout: No space left on device (os error 28)"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn scripts_find_the_results_on_stderr() {
    let fleet = Fleet::with_sessions(0);
    fleet.create("ams-dz002");
    let activate = [
        "device",
        "activate",
        "ams-dz002",
        "--output",
        "json-compact",
    ];
    let run = run_into(&fleet.lab, full(), &activate).exits(1);
    let documents: Vec<Value> = run
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(documents.len(), 2, "{}", run.stderr);
    assert_eq!(documents[0]["results"][0]["changed"], true);
    assert!(documents[0]["results"][0]["signature"].is_string());
    assert_eq!(
        documents[1]["error"]["message"],
        "cannot write to stdout: No space left on device (os error 28)"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_drains_table_that_is_not_written_loses_nothing() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    let drain = ["device", "drain", "--location", "ams", "--yes", "--detach"];
    let run = run_into(&fleet.lab, full(), &drain).exits(1);
    assert_landed(
        &run.stderr,
        &[
            "ams-dz001: activated → draining, drained: it has no session",
            "ams-dz002: activated → draining, drained: it has no session",
        ],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_list_that_is_not_written_is_a_failure() {
    let (lab, ..) = Lab::in_service();
    for args in [
        &["device", "list"][..],
        &["lifecycle"],
        &["--help"],
        &["completions", "bash"],
    ] {
        run_into(&lab, full(), args)
            .exits(1)
            .warns("No space left on device");
    }
}

#[test]
fn a_reader_that_went_away_is_no_failure_and_what_landed_is_said() {
    let fleet = Fleet::with_sessions(0);
    fleet.create("ams-dz002");
    let activate = ["device", "activate", "ams-dz002"];
    let run = run_into(&fleet.lab, unread(), &activate).exits(0);
    assert_landed(&run.stderr, &["ams-dz002: pending → activated"]);
    // What changed nothing lost nothing.
    let run = run_into(&fleet.lab, unread(), &activate).exits(0);
    assert_eq!(run.stderr, "");
    let list = run_into(&fleet.lab, unread(), &["device", "list"]).exits(0);
    assert_eq!(list.stderr, "");
}
