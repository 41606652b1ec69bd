//! Signals that end a run: the last message is that of Ctrl-C, and each thing that was asked for is accounted for.

use {
    crate::{
        custody::{self, wait_until, Custody},
        fleet::{Fleet, DEVICE},
        support::{send_signal, Key, Lab, Run, EBB},
    },
    serde_json::{json, Value},
    std::{
        fs::{self, OpenOptions},
        io::Write,
        process::{Child, Command, Stdio},
        thread::sleep,
        time::Duration,
    },
};

/// The signals that end a run, what is said of each, and its exit code.
const SIGNALS: [(&str, &str, i32); 3] = [
    ("INT", "interrupted", 130),
    ("TERM", "ended by SIGTERM", 143),
    ("HUP", "ended by SIGHUP", 129),
];

const OTHERS: [&str; 2] = ["ams-dz002", "ams-dz003"];

/// Starts `ebb` from a shell in which these signals are ignored.
fn start(lab: &Lab, ignored: &str, key: &Key, args: &[&str]) -> Child {
    let script = match ignored {
        "" => "exec \"$@\"".to_owned(),
        ignored => format!("trap '' {ignored}; exec \"$@\""),
    };
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, "sh", EBB, "--url", &lab.url()])
        .args(["--keypair", &key.path])
        .args(args)
        .current_dir(lab.path())
        .env("HOME", lab.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn end(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a verb that finds the fee payer's key in a pipe, which it comes to once it has read what it is about. The
/// signal comes then, and the key after it.
fn stopped(lab: &Lab, key: &Key, signal: &str, args: &[&str]) -> Run {
    let pipe = lab.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let payer = fs::read(lab.key("payer").path).unwrap();
    let args = [args, &["--fee-payer", pipe.to_str().unwrap()]].concat();
    let child = start(lab, "", key, &args);
    // It opens once the verb reads it.
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    send_signal(child.id(), signal);
    sleep(Duration::from_millis(300));
    writer.write_all(&payer).unwrap();
    drop(writer);
    let run = end(child);
    fs::remove_file(pipe).unwrap();
    run
}

/// What is to be known of each item: its code, whether it was done, and why not.
fn results(run: &Run) -> Vec<(Value, bool, Value)> {
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let results = json["results"].as_array().unwrap();
    results
        .iter()
        .map(|item| {
            assert_eq!(
                item["changed"].as_bool(),
                Some(item["signature"].is_string())
            );
            (
                item["code"].clone(),
                item["changed"].as_bool().unwrap(),
                item["error"]["message"].clone(),
            )
        })
        .collect()
}

/// The first was done, and the others were never started.
fn first_done(codes: &[&str], said: &str) -> Vec<(Value, bool, Value)> {
    let item = |(place, code): (usize, &&str)| match place {
        0 => (json!(code), true, json!(null)),
        _ => (
            json!(code),
            false,
            json!(format!("{code}: never started: {said}")),
        ),
    };
    codes.iter().enumerate().map(item).collect()
}

/// Three devices that are not activated yet, and the network's key.
fn pending() -> (Fleet, Key) {
    let fleet = Fleet::with_sessions(0);
    for code in OTHERS {
        fleet.create(code);
    }
    fleet.create("ams-dz004");
    let path = fleet.lab.ledger().join("keys/default.json");
    let authority = Key {
        path: path.to_str().unwrap().to_owned(),
        pubkey: String::new(),
    };
    (fleet, authority)
}

#[test]
fn what_was_not_activated_any_more_is_said_at_every_signal() {
    for (signal, said, code) in SIGNALS {
        let (fleet, authority) = pending();
        let codes = [OTHERS[0], OTHERS[1], "ams-dz004"];
        let activate = ["device", "activate", codes[0], codes[1], codes[2]];
        let json = [&activate[..], &["--output", "json"]].concat();
        let run = stopped(&fleet.lab, &authority, signal, &json).exits(code);
        assert_eq!(results(&run), first_done(&codes, said));
        assert_eq!(
            run.error(),
            json!({"kind": "interrupted", "code": null, "name": "Interrupted", "message": said})
        );
        let status = codes.map(|code| fleet.get(code)["provisioning_status"].clone());
        assert_eq!(status, ["activated", "pending", "pending"]);
    }
}

#[test]
fn people_read_it_too() {
    let (fleet, authority) = pending();
    let activate = ["device", "activate", OTHERS[0], OTHERS[1]];
    let run = stopped(&fleet.lab, &authority, "TERM", &activate).exits(143);
    assert_eq!(run.stdout, "ams-dz002: pending → activated\n");
    assert_eq!(
        run.stderr,
        "error: ams-dz003: never started: ended by SIGTERM\nerror: ended by SIGTERM\n"
    );
}

#[test]
fn what_was_not_undrained_or_removed_any_more_is_said() {
    let fleet = Fleet::with_sessions(0);
    let codes = [DEVICE, OTHERS[0], OTHERS[1]];
    OTHERS.iter().for_each(|code| fleet.add(code));
    let of_all = |verb: &'static str, options: &[&'static str]| {
        [&["device", verb][..], &codes, options].concat()
    };
    let json = ["--output", "json"];
    fleet.lab.ebb(&of_all("drain", &["--yes"])).exits(0);
    let undrain = of_all("undrain", &json);
    let run = stopped(&fleet.lab, &fleet.owner, "INT", &undrain).exits(130);
    assert_eq!(results(&run), first_done(&codes, "interrupted"));

    fleet.device(&of_all("drain", &["--yes"])[1..]).exits(0);
    fleet.device(&of_all("retire", &["--yes"])[1..]).exits(0);
    let remove = of_all("remove", &["--yes", "--output", "json"]);
    let run = stopped(&fleet.lab, &fleet.owner, "HUP", &remove).exits(129);
    assert_eq!(results(&run), first_done(&codes, "ended by SIGHUP"));
}

#[test]
fn what_was_not_retired_any_more_is_said() {
    let fleet = Fleet::with_sessions(0);
    fleet.add(OTHERS[0]);
    let codes = [DEVICE, OTHERS[0]];
    fleet
        .device(&[&["drain", "--yes"][..], &codes].concat())
        .exits(0);
    let retire = [
        &["device", "retire", "--yes", "--output", "json"][..],
        &codes,
    ]
    .concat();
    let run = stopped(&fleet.lab, &fleet.owner, "TERM", &retire).exits(143);
    assert_eq!(
        results(&run),
        codes.map(|code| {
            let never = format!("{code}: never started: ended by SIGTERM");
            (json!(code), false, json!(never))
        })
    );
}

#[test]
fn a_retirement_that_was_waited_for_says_how_far_it_came() {
    let fleet = Fleet::with_sessions(0);
    fleet.register_disk_key("a");
    fleet.drain();
    let retire = [
        "device", "retire", DEVICE, "--yes", "--wait", "--output", "json",
    ];
    let child = start(&fleet.lab, "", &fleet.owner, &retire);
    wait_until(|| fleet.get(DEVICE)["provisioning_status"] == "retiring");
    send_signal(child.id(), "TERM");
    let run = end(child).exits(143);
    let item = run.item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!("draining"), &json!("retiring"))
    );
    assert!(item["signature"].is_string());
    assert_eq!(
        item["error"]["message"],
        "ams-dz001: draining → retiring: ended by SIGTERM"
    );
}

#[test]
fn what_was_not_imported_any_more_is_said() {
    let (lab, owner, _) = Lab::in_service();
    let lines: Vec<String> = (10..40)
        .map(|n| format!("ams-dz0{n},co01,ams,hybrid,195.219.138.{n},128"))
        .collect();
    let header = "code,contributor,location,device_type,public_ip,max_sessions";
    let file = lab.file("devices.csv", &format!("{header}\n{}\n", lines.join("\n")));
    let import = ["device", "import", &file, "--output", "json"];
    let run = stopped(&lab, &owner, "INT", &import).exits(130);
    let results = results(&run);
    let codes: Vec<String> = (10..40).map(|n| format!("ams-dz0{n}")).collect();
    assert_eq!(results.len(), codes.len());
    // The key is read for the first transaction, which goes through.
    let done = results.iter().filter(|(_, changed, _)| *changed).count();
    assert!(0 < done && done < codes.len(), "{done}");
    for (place, ((code, changed, message), wanted)) in results.iter().zip(codes).enumerate() {
        assert_eq!(code, &json!(wanted));
        let line = place + 2;
        let said = if *changed {
            json!(null)
        } else {
            json!(format!("{wanted}: never started: line {line}: interrupted"))
        };
        assert_eq!(message, &said);
    }
    let devices = lab
        .ebb(&["device", "list", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1 + done);
    // What was not begun is done by the same command.
    lab.ebb_as(&owner, &import).exits(0);
}

#[test]
fn disk_keys_that_were_not_destroyed_any_more_are_said() {
    let custody = Custody::new();
    custody.register("a");
    custody.register("b");
    custody.retire();
    let destroy = ["disk-key", "destroy", custody::DEVICE, "a", "b", "--yes"];
    let store = ["--store", "store", "--identity", "identity.txt"];
    let destroy = [&destroy[..], &store, &["--output", "json"]].concat();
    let run = stopped(&custody.lab, &custody.custodian, "TERM", &destroy).exits(143);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let results = &json["results"];
    assert_eq!(
        (&results[0]["path"], &results[0]["changed"]),
        (&json!("a"), &json!(true))
    );
    assert_eq!(
        (&results[1]["path"], &results[1]["changed"]),
        (&json!("b"), &json!(false))
    );
    assert_eq!(
        results[1]["error"]["message"],
        "ams-dz001: never started: the key of b: ended by SIGTERM"
    );
}

#[test]
fn a_wait_ends_with_the_same_words_at_every_signal() {
    for (signal, said, code) in SIGNALS {
        let fleet = Fleet::with_sessions(1);
        let drain = ["device", "drain", DEVICE, "--yes", "--wait"];
        let child = start(&fleet.lab, "", &fleet.owner, &drain);
        wait_until(|| fleet.get(DEVICE)["provisioning_status"] == "draining");
        sleep(Duration::from_millis(500));
        send_signal(child.id(), signal);
        end(child)
            .exits(code)
            .warns("Stopped watching, which cancels no drain: ams-dz001 last seen at 20")
            .warns("Z with 1 session. Watch again with: ebb device drain ams-dz001 --wait\n")
            .warns(&format!("error: {said}\n"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_at_the_start_stays_so() {
    for ignored in ["INT", "HUP"] {
        let fleet = Fleet::with_sessions(1);
        let drain = ["device", "drain", DEVICE, "--yes", "--wait"];
        let child = start(&fleet.lab, ignored, &fleet.owner, &drain);
        wait_until(|| fleet.get(DEVICE)["provisioning_status"] == "draining");
        send_signal(child.id(), ignored);
        fleet.close(0);
        end(child).exits(0).warns("ams-dz001 is drained after ");
    }
}

#[test]
fn stdin_that_never_ends_is_left_at_once() {
    let (lab, owner, _) = Lab::in_service();
    for (signal, said, code) in SIGNALS {
        let mut command = Command::new(EBB);
        command
            .args([
                "--url",
                &lab.url(),
                "--keypair",
                &owner.path,
                "device",
                "import",
                "-",
            ])
            .current_dir(lab.path())
            .env("HOME", lab.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        sleep(Duration::from_millis(500));
        send_signal(child.id(), signal);
        let run = end(child).exits(code).says_nothing();
        assert_eq!(run.stderr, format!("error: {said}\n"));
        drop(stdin);
    }
}
