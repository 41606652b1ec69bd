//! Importing and draining a fleet.

use {
    crate::{
        figure,
        fleet::{Fleet, CONTRIBUTOR},
        process::{self, Measured},
    },
    ebb_sdk::state::ProvisioningStatus::Draining,
    serde_json::Value,
    std::{
        collections::{BTreeMap, HashSet},
        thread,
        time::Instant,
    },
};

/// How many transactions are on their way at a time; fewer where there is to be a middle of it.
const PARALLEL: &str = "32";
const FEW: &str = "4";

/// A drain that asks nothing, does not wait, and writes JSON.
const UNATTENDED: [&str; 5] = ["--detach", "--yes", "--no-deadline", "--output", "json"];

/// The rate of `ebb device import`.
pub fn import(fleet: &Fleet) {
    let csv = fleet.csv();
    let run = process::measure(&fleet.ebb, &["device", "import", &csv, "--output", "json"]);
    let results = run.results();
    assert!(results.iter().all(|item| item["changed"] == true));
    assert_eq!(results.len(), fleet.len(None));
    rate("ebb device import", &run, &results);
}

/// Drains a location with so many devices.
pub fn drain_location(fleet: &Fleet, location: &str, devices: usize) {
    let mut arguments = vec!["device", "drain", "--location", location];
    arguments.extend(["--parallel", PARALLEL]);
    arguments.extend(UNATTENDED);
    let run = process::measure(&fleet.ebb, &arguments);
    let results = run.results();
    assert_eq!(results.len(), devices);
    rate("ebb device drain --location", &run, &results);
}

/// Drains all of a contributor in one go.
pub async fn drain(fleet: &Fleet, contributor: &str) {
    let before = fleet.sequences(contributor, None).await;
    let run = process::measure(&fleet.ebb, &arguments(contributor, PARALLEL));
    rate("ebb device drain --all", &run, &run.results());
    assert_moved_once(fleet, contributor, &before).await;
}

/// Drains the contributor's devices, the validator being killed once a quarter of it drains. What the command could not
/// do it does when it is run again.
pub async fn drain_through_a_restart(fleet: &mut Fleet) {
    let devices = fleet.len(Some(CONTRIBUTOR));
    let before = fleet.sequences(CONTRIBUTOR, None).await;
    let started = Instant::now();
    let running = process::start(&fleet.ebb, &arguments(CONTRIBUTOR, FEW));
    let running = thread::spawn(|| running.end());
    while fleet.sequences(CONTRIBUTOR, Some(Draining)).await.len() < devices / 4 {
        assert!(!running.is_finished(), "it ended before a quarter drained");
    }
    fleet.validator.kill();
    let down = Instant::now();
    fleet.validator.restart();
    let down = down.elapsed();
    let kept = fleet.sequences(CONTRIBUTOR, Some(Draining)).await.len();
    let first = running.join().expect("no panic");
    let mut runs = vec![first.code];
    while fleet.sequences(CONTRIBUTOR, Some(Draining)).await.len() < devices {
        assert!(runs.len() < 5, "{runs:?}");
        runs.push(
            process::start(&fleet.ebb, &arguments(CONTRIBUTOR, FEW))
                .end()
                .code,
        );
    }
    let wall = started.elapsed();
    assert_moved_once(fleet, CONTRIBUTOR, &before).await;
    figure(
        "ebb device drain --all through a restart",
        &format!(
            "{} devices in {wall:.1?}, {down:.1?} of which the validator was away; {kept} were draining \
             when it was back; exit codes {:?}; each sequence grew by 1",
            devices,
            runs.iter().flatten().collect::<Vec<_>>(),
        ),
    );
}

fn arguments<'a>(contributor: &'a str, parallel: &'a str) -> Vec<&'a str> {
    let mut arguments = vec!["device", "drain", "--all", "--contributor", contributor];
    arguments.extend(["--parallel", parallel]);
    arguments.extend(UNATTENDED);
    arguments
}

async fn assert_moved_once(fleet: &Fleet, contributor: &str, before: &BTreeMap<String, u64>) {
    let after = fleet.sequences(contributor, Some(Draining)).await;
    let expected = before.iter().map(|(code, sequence)| (code, sequence + 1));
    assert!(
        after
            .iter()
            .map(|(code, sequence)| (code, *sequence))
            .eq(expected),
        "a device did not move exactly once"
    );
    assert_eq!(after.len(), fleet.len(Some(contributor)));
}

/// Prints how many devices and transactions a command did.
pub fn rate(what: &str, run: &Measured, results: &[Value]) {
    let signatures: HashSet<&str> = results
        .iter()
        .filter_map(|item| item["signature"].as_str())
        .collect();
    let seconds = run.wall.as_secs_f64();
    let per_second = |count: usize| count as f64 / seconds;
    figure(
        what,
        &format!(
            "{} devices, {} transactions in {seconds:.1} s: {:.1} devices/s, {:.1} transactions/s; peak {} MiB",
            results.len(),
            signatures.len(),
            per_second(results.len()),
            per_second(signatures.len()),
            run.peak / 1024,
        ),
    );
}
