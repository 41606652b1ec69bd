//! `ebb device drain --rolling`

use {
    crate::fleet::{Fleet, DEVICE},
    std::{thread::sleep, time::Duration},
};

const ALL: [&str; 6] = ["drain", "--all", "--contributor", "co01", "--rolling", "-y"];

/// Devices `ams-dz001` with so many sessions and `ams-dz002` without.
fn two(sessions: usize) -> Fleet {
    let fleet = Fleet::with_sessions(sessions);
    fleet.add("ams-dz002");
    fleet
}

fn pause() {
    sleep(Duration::from_millis(2_500));
}

fn status(fleet: &Fleet, code: &str) -> String {
    let device = fleet.get(code);
    device["provisioning_status"].as_str().unwrap().to_owned()
}

#[test]
fn the_next_starts_when_the_earlier_is_drained() {
    let fleet = two(1);
    let drain = fleet.spawn(&ALL);
    pause();
    assert_eq!(status(&fleet, DEVICE), "draining");
    assert_eq!(status(&fleet, "ams-dz002"), "activated");
    fleet.close(0);
    let run = drain
        .end()
        .exits(0)
        .warns("Draining ams-dz001, ams-dz002, 1 at a time.")
        .warns("1 left by themselves")
        .says("RESULT");
    let at = |text: &str| run.stderr.find(text).unwrap();
    assert!(at("ams-dz001 is drained after") < at("ams-dz002: activated → draining"));
    assert_eq!(fleet.get("ams-dz002")["drained"], true);
}

#[test]
fn several_at_a_time() {
    let fleet = two(1);
    fleet.add("ams-dz003");
    let drain = fleet.spawn(&[&ALL[..], &["--max-parallel", "2"]].concat());
    pause();
    // The first keeps its place; the second is drained at once and makes room for the third.
    assert_eq!(fleet.get("ams-dz003")["drained"], true);
    assert_eq!(fleet.get(DEVICE)["drained"], false);
    fleet.close(0);
    drain.end().exits(0);
}

#[test]
fn it_waits_for_the_budget() {
    let fleet = two(0);
    fleet.set_budget("1");
    let drain = fleet.spawn(&ALL);
    pause();
    assert_eq!(fleet.get(DEVICE)["drained"], true);
    assert_eq!(status(&fleet, "ams-dz002"), "activated");
    fleet.device(&["undrain", DEVICE]).exits(0);
    drain
        .end()
        .exits(0)
        .warns("waits: the budget is used up")
        .warns("waiting: ams-dz002: ")
        .warns("draining there: ams-dz001 (co01)")
        .warns("checks again in 5s")
        .warns("a drained device stays draining until somebody undrains it");
    assert_eq!(status(&fleet, DEVICE), "activated");
    assert_eq!(fleet.get("ams-dz002")["drained"], true);
}

#[test]
fn it_waits_for_a_hold_and_lets_others_go_first() {
    let fleet = two(0);
    let hold = ["hold", DEVICE, "--kind", "critical-traffic", "--for", "2h"];
    fleet.device(&hold).exits(0);
    let drain = fleet.spawn(&ALL);
    pause();
    assert_eq!(status(&fleet, DEVICE), "activated");
    assert_eq!(fleet.get("ams-dz002")["drained"], true);
    fleet.device(&["release", DEVICE]).exits(0);
    drain
        .end()
        .exits(0)
        .warns("waits: a live hold")
        .warns("waiting: ams-dz001: ")
        .warns("#1 critical-traffic until")
        .warns(&fleet.owner.pubkey);
    assert_eq!(fleet.get(DEVICE)["drained"], true);
}

#[test]
fn the_time_to_wait_is_that_of_all() {
    let fleet = two(1);
    let run = [&ALL[..], &["--timeout", "2s", "--output", "json"]].concat();
    let run = fleet.device(&run).exits(5);
    let results = run.json()["results"].clone();
    assert_eq!(results[0]["changed"], true);
    assert_eq!(results[0]["error"]["kind"], "timed-out");
    assert_eq!(results[0]["drain"]["open"], 1);
    assert_eq!(results[1]["changed"], false);
    let message = results[1]["error"]["message"].as_str().unwrap();
    assert!(message.contains("never started"), "{message}");
    assert_eq!(status(&fleet, "ams-dz002"), "activated");
}

#[test]
fn ctrl_c_starts_no_more_and_cancels_none() {
    let fleet = two(1);
    let drain = fleet.spawn(&ALL);
    pause();
    drain.interrupt();
    drain
        .end()
        .exits(130)
        .warns("Stopped, which cancels no drain. Draining: ams-dz001 last seen at 20")
        .warns("Z with 1 session. Never started: ams-dz002.")
        .warns("run the same command again");
    assert_eq!(status(&fleet, DEVICE), "draining");
    assert_eq!(status(&fleet, "ams-dz002"), "activated");
    fleet.close(0);
    fleet.device(&ALL).exits(0);
    assert_eq!(fleet.get("ams-dz002")["drained"], true);
}

#[test]
fn it_goes_on_after_a_failure() {
    let fleet = two(1);
    let stranger = fleet.lab.key("stranger");
    fleet
        .lab
        .ebb_as(&stranger, &[&["device"], &ALL[..]].concat())
        .exits(4)
        .warns("credential");
    let drain = fleet.spawn(&ALL);
    pause();
    fleet.device(&["undrain", DEVICE]).exits(0);
    drain
        .end()
        .exits(1)
        .warns("ams-dz001 was undrained by another party");
    assert_eq!(fleet.get("ams-dz002")["drained"], true);
}
