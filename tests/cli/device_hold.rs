//! `ebb device hold` and `release`

use {
    crate::fleet::{Fleet, DEVICE},
    serde_json::json,
};

const HOLD: [&str; 6] = ["hold", DEVICE, "--kind", "critical-traffic", "--for", "2h"];

#[test]
fn a_hold_blocks_a_drain_until_it_is_released() {
    let fleet = Fleet::with_sessions(1);
    let hold = [
        &HOLD[..],
        &["--reason", "live broadcast", "--output", "json"],
    ]
    .concat();
    let item = fleet.device(&hold).exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"], &item["hold"]),
        (&json!(null), &json!("live"), &json!(1))
    );
    let item = fleet
        .device(&["drain", DEVICE, "-y", "--output", "json"])
        .exits(4)
        .item();
    assert_eq!(
        (&item["error"]["name"], &item["error"]["code"]),
        (&json!("LiveHold"), &json!(6056))
    );
    let message = item["error"]["message"].as_str().unwrap();
    for part in [
        "#1 critical-traffic",
        "live broadcast",
        &fleet.owner.pubkey,
        " (in ",
        "--release-holds",
        "--force",
    ] {
        assert!(message.contains(part), "{message}");
    }
    fleet
        .device(&["drain", DEVICE, "-y", "--force"])
        .exits(4)
        .warns("only the authority may force a drain");
    fleet
        .device(&["release", DEVICE, "7"])
        .exits(4)
        .warns("no live hold of this id")
        .warns("#1");
    let item = fleet
        .device(&["release", DEVICE, "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["to"], &item["hold"]),
        (&json!("live"), &json!(null), &json!(1))
    );
    fleet
        .device(&["release", DEVICE])
        .exits(4)
        .warns("no live hold");
    fleet.drain();
}

#[test]
fn the_authority_passes_a_hold_by_force() {
    let fleet = Fleet::with_sessions(1);
    fleet.device(&HOLD).exits(0);
    fleet
        .lab
        .ebb(&["device", "drain", DEVICE, "-y", "--force"])
        .exits(0)
        .warns("passed by force")
        .says("activated → draining");
    assert_eq!(fleet.get(DEVICE)["drain"]["role"], "authority");
}

#[test]
fn a_drain_takes_the_holds_with_it_that_its_signer_may_release() {
    let fleet = Fleet::with_sessions(1);
    let lab = &fleet.lab;
    let hold = [&["device"], &HOLD[..]].concat();
    for _ in 0..2 {
        lab.ebb_as(&fleet.agent, &hold).exits(0);
    }
    let drain = ["drain", DEVICE, "--yes", "--release-holds"];
    fleet
        .device(&[&drain[..], &["--dry-run"]].concat())
        .exits(0)
        .says("hold: #1 critical-traffic")
        .says("Every hold that you may release will be released");
    fleet.device(&drain).exits(0).says("activated → draining");
    assert_eq!(fleet.get(DEVICE)["holds"], json!([]));

    fleet.device(&["undrain", DEVICE]).exits(0);
    lab.ebb(&hold).exits(0);
    fleet
        .device(&drain)
        .exits(4)
        .warns("a live hold blocks the drain")
        .warns("(authority)");
    assert_eq!(fleet.get(DEVICE)["holds"][0]["role"], "authority");
    lab.ebb(&[&["device"], &drain[..]].concat()).exits(0);
    // A drain of a device without a hold has nothing to release, and starts all the same.
    fleet.device(&["undrain", DEVICE]).exits(0);
    fleet.device(&drain).exits(0);
}

#[test]
fn holds_expire() {
    let fleet = Fleet::with_sessions(1);
    fleet.device(&HOLD).exits(0);
    fleet.advance(7_201);
    assert_eq!(fleet.get(DEVICE)["holds"], json!([]));
    fleet.drain();
}

#[test]
fn who_places_and_who_releases() {
    let fleet = Fleet::with_sessions(1);
    let lab = &fleet.lab;
    let hold = [&["device"], &HOLD[..]].concat();
    lab.ebb_as(&fleet.agent, &hold).exits(0);
    lab.ebb(&hold).exits(0);
    assert_eq!(fleet.get(DEVICE)["holds"][0]["role"], "agent");
    assert_eq!(fleet.get(DEVICE)["holds"][1]["role"], "authority");
    let stranger = lab.key("stranger");
    lab.ebb_as(&stranger, &hold).exits(4).warns("credential");

    fleet
        .device(&["release", DEVICE, "2"])
        .exits(4)
        .warns("the signer may not release this hold");
    lab.ebb(&["device", "release", DEVICE])
        .exits(2)
        .warns("#1")
        .warns("#2")
        .warns("ID");
    lab.ebb_as(&fleet.agent, &["device", "release", DEVICE])
        .exits(0)
        .says("released #1");
    lab.ebb(&["device", "release", DEVICE, "2"]).exits(0);
}

#[test]
fn limits_of_holds() {
    let fleet = Fleet::with_sessions(0);
    let hold = [&["device"], &HOLD[..]].concat();
    for _ in 0..2 {
        fleet.lab.ebb_as(&fleet.agent, &hold).exits(0);
    }
    fleet
        .lab
        .ebb_as(&fleet.agent, &hold)
        .exits(4)
        .warns("at most 2 by the agent")
        .warns("#2");
}
