//! The embedded ledger after the host's clock was elsewhere for one command.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::Lab,
    },
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions, HostClock},
        ledger::Ledger,
    },
    serde_json::{json, Value},
    solana_sdk::signer::Signer,
    std::{
        sync::Arc,
        time::{Duration, SystemTime},
    },
};

const DAY: u64 = 24 * 60 * 60;

/// A clock that is off.
#[derive(Debug)]
enum Off {
    Ahead(u64),
    Behind(u64),
}

impl HostClock for Off {
    fn now(&self) -> SystemTime {
        match self {
            Self::Ahead(seconds) => SystemTime::now() + Duration::from_secs(*seconds),
            Self::Behind(seconds) => SystemTime::now() - Duration::from_secs(*seconds),
        }
    }
}

/// The ledger as one command finds it whose host's clock is off.
fn with_clock(lab: &Lab, clock: Off) -> EmbeddedLedger {
    let options = EmbeddedOptions {
        clock: Arc::new(clock),
        ..EmbeddedOptions::default()
    };
    EmbeddedLedger::open(lab.ledger(), options).unwrap()
}

/// One command that changes something.
fn change(lab: &Lab, clock: Off) {
    let ledger = with_clock(lab, clock);
    ledger.airdrop(&ledger.default_key().pubkey(), 1).unwrap();
}

/// One command that only reads the time.
async fn read_clock(lab: &Lab, clock: Off) {
    with_clock(lab, clock).now().await.unwrap();
}

fn info(lab: &Lab) -> Value {
    lab.ebb(&["ledger", "info", "--output", "json"])
        .exits(0)
        .json()
}

/// RFC 3339 in UTC is in the order of time.
fn time(info: &Value) -> &str {
    info["time"].as_str().unwrap()
}

#[test]
fn info_prints_the_offset() {
    let lab = Lab::initialized();
    assert_eq!(info(&lab)["offset_seconds"], json!(0));
    with_clock(&lab, Off::Ahead(0)).advance(3_600).unwrap();
    assert_eq!(info(&lab)["offset_seconds"], json!(3_600));
    lab.ebb(&["ledger", "info"])
        .exits(0)
        .says("3600 s ahead of the host's clock");
}

#[tokio::test]
async fn a_day_that_was_seen_once_is_not_taken_back() {
    let lab = Lab::initialized();
    read_clock(&lab, Off::Ahead(DAY)).await;
    let (first, second) = (info(&lab), info(&lab));
    assert!(time(&first) <= time(&second), "{first} {second}");
    // As much as the host's clock is behind what was seen, less what passed since.
    let offset = first["offset_seconds"].as_u64().unwrap();
    assert!((DAY - 60..=DAY + 1).contains(&offset), "{offset}");
    assert_eq!(second["offset_seconds"], first["offset_seconds"]);

    // From a resumed machine's sleep nothing is left.
    let lab = Lab::new();
    change(&lab, Off::Behind(7 * DAY));
    assert_eq!(info(&lab)["offset_seconds"], json!(0));
}

/// Runs a command, whose clock is off, and then a whole drain with the right one.
async fn drains_after(clock: Off, only_looks: bool) {
    let fleet = Fleet::with_sessions(1);
    if only_looks {
        read_clock(&fleet.lab, clock).await;
    } else {
        change(&fleet.lab, clock);
    }
    let before = info(&fleet.lab);
    fleet
        .lab
        .ebb_as(
            &fleet.agent,
            &["device", "report-health", DEVICE, "healthy"],
        )
        .exits(0);
    let device = fleet.get(DEVICE);
    assert!(device["health_reported_at"].as_str().unwrap() >= time(&before));

    let hold = ["hold", DEVICE, "--kind", "critical-traffic", "--for", "2h"];
    fleet.device(&hold).exits(0);
    let drain = ["drain", DEVICE, "--yes", "--detach", "--deadline", "30m"];
    fleet.device(&drain).exits(4);
    fleet.advance(7_200);
    fleet.device(&drain).exits(0);

    let user = fleet.users[0].pubkey.as_str();
    let evict = ["session", "close", DEVICE, "--user", user, "--yes"];
    fleet
        .lab
        .ebb_as(&fleet.owner, &evict)
        .exits(4)
        .warns("has its deadline at");
    fleet.advance(1_800);
    fleet
        .lab
        .ebb_as(&fleet.owner, &evict)
        .exits(0)
        .says("evicted");
    assert_eq!(fleet.get(DEVICE)["drained"], json!(true));
}

#[tokio::test]
async fn drains_go_on_after_one_command_on_another_day() {
    drains_after(Off::Ahead(DAY), false).await;
    drains_after(Off::Ahead(DAY), true).await;
    drains_after(Off::Behind(7 * DAY), false).await;
}
