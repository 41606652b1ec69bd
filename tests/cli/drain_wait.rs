//! `ebb device drain --wait`

use {
    crate::fleet::{Fleet, DEVICE},
    std::{thread::sleep, time::Duration},
};

fn pause() {
    sleep(Duration::from_millis(1_500));
}

#[test]
fn it_waits_until_the_last_session_has_left() {
    let fleet = Fleet::with_sessions(3);
    let drain = fleet.spawn(&[
        "drain",
        DEVICE,
        "-y",
        "--wait",
        "--timeout",
        "30s",
        "--output",
        "json",
    ]);
    for user in 0..3 {
        pause();
        fleet.close(user);
    }
    let run = drain
        .end()
        .exits(0)
        .warns("Ctrl-C stops watching; it does not cancel the drain.")
        .warns("ams-dz001: 1 session closed, 2 of 3 left")
        .warns("ams-dz001: 1 session closed, 0 of 3 left")
        .warns("ams-dz001 is drained after ")
        .warns("3 left by themselves, 0 evicted");
    assert_eq!(run.item()["to"], "draining");
    let stamped = run
        .stderr
        .lines()
        .filter(|line| line.contains("closed, "))
        .all(|line| {
            let stamp = line.split(' ').next().unwrap();
            stamp.len() == 20 && stamp.ends_with('Z')
        });
    assert!(stamped, "{}", run.stderr);
}

#[test]
fn a_wait_attaches_without_a_key() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    fleet
        .lab
        .ebb(&[
            "-k",
            "absent.json",
            "device",
            "drain",
            DEVICE,
            "--wait",
            "--timeout",
            "1s",
        ])
        .exits(5)
        .warns("is draining already")
        .warns("error: ams-dz001: the time to wait ran out; last seen at 20")
        .warns("Z with 1 session\n");
    fleet.close(0);
    fleet
        .lab
        .ebb(&["-k", "absent.json", "device", "drain", DEVICE, "--wait"])
        .exits(0)
        .warns("1 left by themselves, 0 evicted")
        .says("drained");
}

#[test]
fn time_out_leaves_the_drain_going_on() {
    let fleet = Fleet::with_sessions(1);
    let drain = ["drain", DEVICE, "-y", "--timeout", "1s", "--output", "json"];
    let item = fleet.device(&drain).exits(5).item();
    assert_eq!(item["changed"], true);
    assert!(item["signature"].is_string());
    assert_eq!(item["error"]["kind"], "timed-out");
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "draining");
}

#[test]
fn ctrl_c_stops_watching_only() {
    let fleet = Fleet::with_sessions(1);
    let drain = fleet.spawn(&["drain", DEVICE, "-y", "--wait"]);
    pause();
    drain.interrupt();
    drain
        .end()
        .exits(130)
        .warns("Stopped watching, which cancels no drain: ams-dz001 last seen at 20")
        .warns("ebb device drain ams-dz001 --wait");
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "draining");
}

#[test]
fn silence_is_broken_by_what_it_waits_for() {
    let fleet = Fleet::with_sessions(1);
    fleet
        .device(&["drain", DEVICE, "-y", "--wait", "--timeout", "12s"])
        .exits(5)
        .warns("ams-dz001: waiting for 1 session to leave, deadline in 59m")
        .warns("checks again in 1s");
}

#[test]
fn another_partys_undrain_ends_the_wait_as_a_failure() {
    let fleet = Fleet::with_sessions(1);
    let drain = fleet.spawn(&["drain", DEVICE, "-y", "--wait"]);
    pause();
    fleet.lab.ebb(&["device", "undrain", DEVICE]).exits(0);
    drain
        .end()
        .exits(1)
        .warns("ams-dz001 was undrained by another party");
}

#[test]
fn another_partys_deadline_is_reported_with_its_name() {
    let fleet = Fleet::with_sessions(1);
    let registry = fleet.lab.ebb(&["registry", "get", "--output", "json"]);
    let authority = registry.json()["authority"].as_str().unwrap().to_owned();
    let drain = fleet.spawn(&["drain", DEVICE, "-y", "--wait", "--timeout", "30s"]);
    let update = ["device", "drain", DEVICE, "--update"];
    for deadline in [&["--deadline", "30m"][..], &["--no-deadline"]] {
        pause();
        fleet.lab.ebb(&[&update[..], deadline].concat()).exits(0);
    }
    pause();
    fleet.close(0);
    drain
        .end()
        .exits(0)
        .warns(&format!(
            "ams-dz001: {authority} (authority) moved the deadline to 20"
        ))
        .warns(&format!(
            "ams-dz001: {authority} (authority) lifted the deadline"
        ));
}

#[test]
fn eviction_closes_what_the_deadline_left() {
    let fleet = Fleet::with_sessions(20);
    let drain = [
        "drain",
        DEVICE,
        "-y",
        "--evict",
        "--deadline",
        "60s",
        "--timeout",
        "30s",
    ];
    let drain = fleet.spawn(&drain);
    pause();
    fleet.close(0);
    fleet.close(1);
    pause();
    assert_eq!(fleet.get(DEVICE)["sessions"], 18);
    fleet.advance(61);
    drain
        .end()
        .exits(0)
        .warns("the deadline has passed; evicting 18 sessions")
        .warns("2 left by themselves, 18 evicted")
        .says("drained");
    assert_eq!(fleet.get(DEVICE)["drained"], true);
}

#[test]
fn after_the_deadline_it_says_how_to_evict() {
    let fleet = Fleet::with_sessions(2);
    fleet.drain();
    fleet.advance(3_601);
    fleet
        .device(&["drain", DEVICE, "--wait", "--timeout", "1s"])
        .exits(5)
        .warns("the deadline has passed with 2 sessions left; to evict: ebb device drain ams-dz001 --evict");
    let stranger = fleet.lab.key("stranger");
    fleet
        .lab
        .ebb_as(&stranger, &["device", "drain", DEVICE, "--evict"])
        .exits(4)
        .warns("credential");
    fleet
        .device(&["drain", DEVICE, "--evict"])
        .exits(0)
        .warns("2 evicted");
}

#[test]
fn several_drains_are_waited_for_together() {
    let fleet = Fleet::with_sessions(1);
    fleet.add("ams-dz002");
    let drain = fleet.spawn(&["drain", DEVICE, "ams-dz002", "ams-dz009", "-y", "--wait"]);
    pause();
    fleet.close(0);
    drain
        .end()
        .exits(3)
        .warns("Watching ams-dz001, ams-dz002.")
        .warns("ams-dz002 is drained")
        .warns("ams-dz001 is drained")
        .warns("there is no device ams-dz009");
}
