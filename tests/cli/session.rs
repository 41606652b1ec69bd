//! `ebb session`

use {
    crate::support::{Key, Lab, Run},
    ebb_sdk::embedded::{EmbeddedLedger, EmbeddedOptions},
    serde_json::json,
};

fn open(lab: &Lab, agent: &Key, user: &Key) -> Run {
    lab.ebb_as(
        agent,
        &["session", "open", "ams-dz001", "--user", &user.pubkey],
    )
}

#[test]
fn the_agent_opens_and_closes() {
    let (lab, _, agent) = Lab::in_service();
    let user = lab.key("user");
    open(&lab, &agent, &user)
        .exits(0)
        .says("opened the session")
        .says(&user.pubkey);
    open(&lab, &agent, &user)
        .exits(0)
        .says("has a session already");
    let close = [
        "session",
        "close",
        "ams-dz001",
        "--user",
        &user.pubkey,
        "--output",
        "json",
    ];
    let item = lab.ebb_as(&agent, &close).exits(0).item();
    assert_eq!(
        (&item["code"], &item["from"], &item["to"]),
        (&json!("ams-dz001"), &json!("open"), &json!(null))
    );
    let item = lab.ebb_as(&agent, &close).exits(0).item();
    assert_eq!(item["changed"], false);
}

#[test]
fn list_takes_a_device_or_all() {
    let (lab, _, agent) = Lab::in_service();
    lab.ebb(&["session", "list"])
        .exits(0)
        .says_nothing()
        .warns("no sessions");
    let (first, second) = (lab.key("first"), lab.key("second"));
    open(&lab, &agent, &first).exits(0);
    open(&lab, &agent, &second).exits(0);
    let all = lab
        .ebb(&["session", "list", "--output", "json"])
        .exits(0)
        .json();
    let one = lab
        .ebb(&["session", "ls", "ams-dz001", "--output", "json-compact"])
        .exits(0)
        .json();
    assert_eq!(all, one);
    let session = &all["sessions"][0];
    assert_eq!(session["device"], "ams-dz001");
    assert_eq!(session["payer"], agent.pubkey);
    assert!(session["opened_at"].as_str().unwrap().ends_with('Z'));
    lab.ebb(&["session", "list"])
        .exits(0)
        .says(&first.pubkey)
        .says(&second.pubkey);
    lab.ebb(&["session", "list", "ams-dz002"])
        .exits(3)
        .warns("ams-dz001");
}

#[test]
fn the_fee_payer_pays_the_rent() {
    let (lab, _, agent) = Lab::in_service();
    let (user, payer) = (lab.key("user"), lab.key("payer"));
    let args = [
        "session",
        "open",
        "ams-dz001",
        "--user",
        &user.pubkey,
        "--fee-payer",
        &payer.path,
    ];
    lab.ebb_as(&agent, &args).exits(0);
    let list = lab.ebb(&["session", "list", "--output", "json"]).json();
    assert_eq!(list["sessions"][0]["payer"], payer.pubkey);
}

#[test]
fn opening_is_refused_in_words() {
    let (lab, owner, agent) = Lab::in_service();
    let user = lab.key("user");
    open(&lab, &owner, &user)
        .exits(4)
        .warns("the signer is not the device's agent")
        .warns(&agent.pubkey);
    open(&lab, &agent, &lab.key("first")).exits(0);
    open(&lab, &agent, &lab.key("second")).exits(0);
    open(&lab, &agent, &user)
        .exits(4)
        .warns("ams-dz001 has 2 of 2 sessions");
    lab.ebb_as(
        &owner,
        &["device", "drain", "ams-dz001", "--yes", "--detach"],
    )
    .exits(0);
    open(&lab, &agent, &user)
        .exits(4)
        .warns("ams-dz001 is draining, and must be activated");
    lab.ebb_as(
        &agent,
        &["session", "open", "ams-dz009", "--user", &user.pubkey],
    )
    .exits(3)
    .warns("ams-dz001");
    lab.ebb_as(&agent, &["session", "open", "ams-dz001"])
        .exits(2)
        .warns("--user");
    lab.ebb_as(&agent, &["session", "open", "ams-dz001", "--user", "me"])
        .exits(2)
        .warns("base58");
}

#[test]
fn eviction_waits_for_the_deadline_and_a_yes() {
    let (lab, owner, agent) = Lab::in_service();
    let user = lab.key("user");
    open(&lab, &agent, &user).exits(0);
    let close = ["session", "close", "ams-dz001", "--user", &user.pubkey];
    lab.ebb_as(&owner, &close)
        .exits(4)
        .warns("ams-dz001 is activated and unknown, so drain it first");
    lab.ebb_as(
        &owner,
        &[
            "device",
            "drain",
            "ams-dz001",
            "--yes",
            "--detach",
            "--deadline",
            "2m",
        ],
    )
    .exits(0);
    lab.ebb_as(&owner, &close)
        .exits(4)
        .warns("has its deadline at");

    let options = EmbeddedOptions::default();
    EmbeddedLedger::open(lab.ledger(), options)
        .unwrap()
        .advance(121)
        .unwrap();
    lab.ebb_as(&owner, &close)
        .exits(2)
        .warns("will be cut off from ams-dz001")
        .warns("--yes");
    let stranger = lab.key("stranger");
    lab.ebb_as(&stranger, &[&close[..], &["--yes"]].concat())
        .exits(4)
        .warns(&format!(
            "requires the agent of ams-dz001, {}; or, to evict, ",
            agent.pubkey
        ))
        .warns(&owner.pubkey);
    lab.ebb_as(&owner, &[&close[..], &["--yes"]].concat())
        .exits(0)
        .says("evicted");
    lab.ebb(&["session", "list"]).exits(0).says_nothing();
}

#[test]
fn a_dead_devices_sessions_are_drainers_to_close_after_a_minute() {
    let (lab, _, agent) = Lab::in_service();
    let user = lab.key("user");
    open(&lab, &agent, &user).exits(0);
    lab.ebb(&["device", "report-health", "ams-dz001", "dead"])
        .exits(0);
    open(&lab, &agent, &lab.key("late"))
        .exits(4)
        .warns("ams-dz001 is dead");
    let evict = [
        "session",
        "close",
        "ams-dz001",
        "--user",
        &user.pubkey,
        "--yes",
    ];
    lab.ebb(&evict)
        .exits(4)
        .warns("it was reported dead at")
        .warns("try again at");
    let options = EmbeddedOptions::default();
    EmbeddedLedger::open(lab.ledger(), options)
        .unwrap()
        .advance(60)
        .unwrap();
    lab.ebb(&evict).exits(0).says("evicted");
}
