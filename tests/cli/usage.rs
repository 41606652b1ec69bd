//! What is wrong with a command line is reported before anything is read or sent.

use {
    crate::{fleet::DEVICE, support::Lab},
    serde_json::Value,
};

/// A command line is wrong, and nothing was sent.
#[track_caller]
fn is_wrong(lab: &Lab, line: &str, expected: &[&str]) {
    let transactions = || -> Value {
        let info = lab.ebb(&["ledger", "info", "--output", "json"]);
        info.exits(0).json()["transactions"].clone()
    };
    let before = transactions();
    let args: Vec<&str> = line.split_whitespace().collect();
    let mut run = lab.ebb(&args).exits(2).says_nothing();
    for text in expected {
        run = run.warns(text);
    }
    assert_eq!(transactions(), before);
}

#[test]
fn what_is_out_of_bounds_names_them() {
    let (lab, ..) = Lab::in_service();
    let drain = format!("device drain {DEVICE} --yes");
    let hold = format!("device hold {DEVICE} --kind pending-task");
    let long = |bytes: usize| "x".repeat(bytes);
    for (line, expected) in [
        (
            format!("{drain} --deadline 59s"),
            ["--deadline", "at least 1m and at most 365d"],
        ),
        (
            format!("{drain} --deadline 366d"),
            ["--deadline", "at least 1m and at most 365d"],
        ),
        (
            format!("{drain} --until 366d"),
            ["--until", "at most 365d ahead"],
        ),
        (
            format!("{drain} --until 2999-01-01T00:00:00Z"),
            ["--until", "at most 365d ahead"],
        ),
        (
            format!("{drain} --until 9999-12-31T23:59:59Z"),
            ["--until", "at most 365d ahead"],
        ),
        (
            format!("{drain} --until 2001-01-01T00:00:00Z"),
            ["--until", "that time has passed"],
        ),
        (
            format!("{drain} --until 2026-01-02T15:00"),
            ["--until", "the offset from UTC is missing"],
        ),
        (
            format!("{drain} --until 2999-01-01T00:00:00+14:01"),
            ["--until", "an offset from UTC is at most 14 hours"],
        ),
        (
            format!("{drain} --deadline 5M"),
            ["--deadline", "there is no unit `M`"],
        ),
        (
            format!("{drain} --timeout 90"),
            ["--timeout", "the number 90 has no unit behind it"],
        ),
        (
            format!("{drain} --reason {}", long(65)),
            ["--reason", "up to 64 bytes"],
        ),
        (
            format!("{hold} --for 8d"),
            ["--for", "at least 1s and at most 7d"],
        ),
        (
            format!("{hold} --for 1h --reason {}", long(33)),
            ["--reason", "up to 32 bytes"],
        ),
    ] {
        is_wrong(&lab, &line, &expected);
    }
}

#[test]
fn a_key_that_cannot_be_read_is_no_failure_of_an_item() {
    let (lab, owner, _) = Lab::in_service();
    let file = lab.file(
        "locations.csv",
        "code,name,country,lat,lng\nfra,Frankfurt,DE,50.1,8.68\n",
    );
    let keys = format!("--keypair {} --fee-payer absent.json", owner.path);
    let is_wrong = |verb: &str| {
        let expected = ["--fee-payer: cannot read a key"];
        is_wrong(&lab, &format!("{verb} {keys}"), &expected);
    };
    is_wrong(&format!("location import {file}"));
    let devices = lab.file(
        "devices.csv",
        "code,contributor,location,device_type,public_ip,max_sessions\n\
         ams-dz002,co01,ams,edge,195.219.138.51,8\n",
    );
    is_wrong(&format!("device import {devices}"));
    is_wrong(&format!("device drain {DEVICE} --yes"));
    lab.ebb_as(&owner, &["device", "drain", DEVICE, "--yes"])
        .exits(0);
    is_wrong(&format!("device undrain {DEVICE}"));
    is_wrong(&format!("device retire {DEVICE} --yes"));
}

#[test]
fn a_negative_number_is_a_value() {
    let lab = Lab::initialized();
    let line = "location create cpt --name Cape --country ZA --lat -33.9 --lng 18.4";
    let create: Vec<&str> = line.split(' ').collect();
    lab.ebb(&create).exits(0);
    for (line, expected) in [
        (
            format!("device update {DEVICE} --max-sessions -5"),
            "--max-sessions",
        ),
        (format!("device release {DEVICE} -1"), "[ID]"),
        (
            format!("device drain {DEVICE} --deadline -5m"),
            "--deadline",
        ),
        (
            format!("device hold {DEVICE} --kind pending-task --for -1h"),
            "--for",
        ),
        (
            "device list --draining-longer-than -5m".to_owned(),
            "a duration is not negative",
        ),
        (
            "location set-budget cpt --min-activated -1".to_owned(),
            "--min-activated",
        ),
        ("ledger airdrop -1".to_owned(), "<SOL>"),
    ] {
        is_wrong(&lab, &line, &["invalid value '-", expected]);
    }
}

#[test]
fn an_environment_variable_set_to_nothing_is_unset() {
    let lab = Lab::new();
    let url = lab.url();
    let run = |args: &[&str]| {
        lab.with(|command| {
            command
                .env("EBB_PROGRAM_ID", "")
                .env("EBB_KEY_STORE", "")
                .args(["--url", &url])
                .args(args)
        })
    };
    run(&["init"]).exits(0);
    run(&["disk-key", "list"]).exits(0).warns("no disk keys");
}

#[test]
fn what_is_only_signed_is_not_waited_for_nor_a_transaction_of_another_kind() {
    let (lab, ..) = Lab::in_service();
    let sign = "--sign-only --blockhash 4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM";
    for (verb, expected) in [
        (
            format!("device drain {DEVICE} --yes --wait"),
            "nothing to wait for",
        ),
        (
            format!("device drain {DEVICE} --yes --timeout 5s"),
            "nothing to wait for",
        ),
        ("ledger airdrop 1".to_owned(), "signs no transaction"),
        ("ledger reset --yes".to_owned(), "signs no transaction"),
    ] {
        is_wrong(&lab, &format!("{verb} {sign}"), &[expected, "leave out"]);
    }
}

#[test]
fn yes_is_taken_where_nothing_is_asked() {
    let lab = Lab::new();
    for line in [
        "init --yes",
        "location create ams --name A --country NL --lat 1 --lng 1 -y",
        "-y location set-budget ams --min-activated 1",
        "location --yes set-budget ams --min-activated 1",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        lab.ebb(&args).exits(0);
    }
}
