//! `ebb device import` of many devices: how often it writes, and what an end at any moment leaves.

use {
    crate::support::{Key, Lab, EBB},
    ebb_sdk::embedded::{EmbeddedLedger, EmbeddedOptions},
    serde_json::Value,
    solana_sdk::hash::hash,
    std::{
        collections::BTreeSet,
        fs,
        io::{BufRead, BufReader, Read},
        process::{Child, Command, Stdio},
        thread,
        time::Duration,
    },
};

/// How many transactions are in flight at a time by default.
const IN_FLIGHT: u64 = 32;

/// Writes a file of so many devices and returns its path and their codes.
fn devices(lab: &Lab, name: &str, count: usize) -> (String, BTreeSet<String>) {
    let codes: BTreeSet<String> = (0..count).map(|n| format!("{name}-dz{n:04}")).collect();
    let lines = codes
        .iter()
        .map(|code| format!("{code},co01,ams,hybrid,195.219.138.50,128\n"));
    let header = "code,contributor,location,device_type,public_ip,max_sessions\n";
    let text = header.to_owned() + &lines.collect::<String>();
    (lab.file(&format!("{name}.csv"), &text), codes)
}

fn results(json: &Value) -> &[Value] {
    json["results"].as_array().unwrap()
}

fn changed(json: &Value) -> BTreeSet<String> {
    let changed = results(json).iter().filter(|item| item["changed"] == true);
    changed.map(code).collect()
}

fn code(item: &Value) -> String {
    item["code"].as_str().unwrap().to_owned()
}

/// The signatures of all transactions that the ledger accepted.
fn signatures(lab: &Lab) -> BTreeSet<String> {
    let ledger = EmbeddedLedger::open(lab.ledger(), EmbeddedOptions::default()).unwrap();
    let history = ledger.history().unwrap();
    history
        .iter()
        .map(|entry| entry.signature.to_string())
        .collect()
}

/// The codes of all devices, each of which can be read.
fn existing(lab: &Lab) -> BTreeSet<String> {
    let list = ["device", "list", "--output", "json"];
    let json = lab.ebb(&list).exits(0).json();
    json["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(code)
        .collect()
}

/// How often the ledger's state was written: each time with three syncs of the disk.
fn writes(lab: &Lab) -> u64 {
    let state = fs::read(lab.ledger().join("state")).unwrap();
    u64::from_le_bytes(state[12..20].try_into().unwrap())
}

#[test]
fn what_is_in_flight_is_written_at_once() {
    let (lab, owner, _) = Lab::in_service();
    let (file, codes) = devices(&lab, "ams", 1_000);
    let before = writes(&lab);
    let run = lab
        .ebb_as(&owner, &["device", "import", &file, "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(changed(&run), codes);
    let sent: BTreeSet<&str> = results(&run)
        .iter()
        .map(|item| item["signature"].as_str().unwrap())
        .collect();
    assert_eq!(sent.len(), 112);
    // The first by itself, and the others by as many as are in flight.
    assert_eq!(writes(&lab) - before, 1 + 111_u64.div_ceil(IN_FLIGHT));
}

fn start(lab: &Lab, key: &Key, file: &str) -> Child {
    let mut command = Command::new(EBB);
    command
        .args(["--url", &lab.url(), "--keypair", &key.path, "--verbose"])
        .args(["device", "import", file, "--output", "json"])
        .current_dir(lab.path())
        .env("HOME", lab.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Ends an import once it has reported so many transactions and a while has passed. Returns their signatures, those that
/// were reported until it ended too, and what it printed.
fn end(
    mut child: Child,
    signal: &str,
    after: usize,
    pause: Duration,
) -> (BTreeSet<String>, String) {
    let mut stdout = child.stdout.take().unwrap();
    let printed = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut reported = lines.map_while(Result::ok).filter_map(|line| {
        let (signature, _) = line.strip_prefix("transaction ")?.split_once(": slot")?;
        Some(signature.to_owned())
    });
    let mut signatures: BTreeSet<String> = reported.by_ref().take(after).collect();
    thread::sleep(pause);
    let pid = child.id().to_string();
    // It may be over by then.
    let _ = Command::new("kill")
        .args(["-s", signal, &pid])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    signatures.extend(reported);
    child.wait().unwrap();
    (signatures, printed.join().unwrap())
}

#[test]
fn ended_at_any_moment_it_leaves_what_it_reported_and_is_finished_by_the_next() {
    const DEVICES: usize = 400;
    let (lab, owner, _) = Lab::in_service();
    let mut seed = hash(b"import");
    for run in 0..12 {
        seed = hash(seed.as_ref());
        let after = usize::from(seed.as_ref()[0]) % 46;
        let pause = u16::from_le_bytes([seed.as_ref()[1], seed.as_ref()[2]]);
        let signal = ["KILL", "INT"][run % 2];
        let (file, codes) = devices(&lab, &format!("r{run:02}"), DEVICES);
        let child = start(&lab, &owner, &file);
        let (reported, printed) = end(child, signal, after, Duration::from_micros(pause.into()));

        assert!(reported.is_subset(&signatures(&lab)));
        let existing = existing(&lab);
        let there: BTreeSet<String> = codes.intersection(&existing).cloned().collect();
        // A signal before it listened ends it without a word, and a kill in the middle of one.
        if signal == "INT" && !printed.is_empty() {
            let json: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(results(&json).len(), DEVICES);
            assert!(changed(&json).is_subset(&there));
            for item in results(&json) {
                let message = item["error"]["message"].as_str().unwrap_or_default();
                assert!(!message.contains("never started") || !there.contains(&code(item)));
            }
        }
        // The same command does the rest, and only that.
        let import = ["device", "import", &file, "--output", "json"];
        let second = lab.ebb_as(&owner, &import).exits(0).json();
        assert_eq!(changed(&second), &codes - &there);
    }
}
