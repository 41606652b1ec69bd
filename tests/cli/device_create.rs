//! `ebb device create` and `update`

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::{Key, Lab},
    },
    serde_json::json,
};

const CREATE: [&str; 11] = [
    "device",
    "create",
    "ams-dz002",
    "--contributor",
    "co01",
    "--location",
    "ams",
    "--type",
    "edge",
    "--public-ip",
    "195.219.138.51",
];

fn create(more: &[&str]) -> Vec<String> {
    [&CREATE[..], more]
        .concat()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn run(lab: &Lab, key: &Key, args: &[String]) -> crate::support::Run {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    lab.ebb_as(key, &args)
}

#[test]
fn the_contributor_creates_a_pending_device_once() {
    let (lab, owner, _) = Lab::in_service();
    let args = create(&["--max-sessions", "8", "--output", "json"]);
    let item = run(&lab, &owner, &args).exits(0).item();
    assert_eq!(
        (
            &item["code"],
            &item["action"],
            &item["from"],
            &item["to"],
            &item["changed"]
        ),
        (
            &json!("ams-dz002"),
            &json!("create"),
            &json!(null),
            &json!("pending"),
            &json!(true)
        )
    );
    assert!(item["signature"].is_string());
    let again = run(&lab, &owner, &args).exits(0).item();
    assert_eq!(
        (&again["changed"], &again["error"]),
        (&json!(false), &json!(null))
    );

    let device = lab
        .ebb(&["device", "get", "ams-dz002", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(device["device_type"], "edge");
    assert_eq!(device["public_ip"], "195.219.138.51");
    assert_eq!(device["agent"], json!(null));
    assert_eq!(device["contributor"], "co01");
    assert_eq!(device["location"], "ams");
}

#[test]
fn another_device_of_the_same_code_is_refused() {
    let (lab, owner, _) = Lab::in_service();
    run(&lab, &owner, &create(&["--max-sessions", "8"])).exits(0);
    let item = run(
        &lab,
        &owner,
        &create(&["--max-sessions", "9", "--output", "json"]),
    )
    .exits(4)
    .item();
    assert_eq!(item["error"]["name"], "AlreadyExists");
    assert!(item["error"]["message"]
        .as_str()
        .unwrap()
        .contains("max_sessions"));
}

#[test]
fn only_its_contributor_creates_a_device() {
    let (lab, owner, _) = Lab::in_service();
    let stranger = lab.key("stranger");
    let args = create(&["--max-sessions", "8"]);
    run(&lab, &stranger, &args).exits(4).warns(&owner.pubkey);
    lab.ebb(&["contributor", "suspend", "co01", "--yes"])
        .exits(0);
    run(&lab, &owner, &args)
        .exits(4)
        .warns("the contributor is suspended")
        .warns("resume co01");
}

#[test]
fn what_is_wrong_is_named_with_a_right_example() {
    let (lab, owner, _) = Lab::in_service();
    for (wrong, expected) in [
        (&["create", "AMS"][..], "as in ams-dz001"),
        (&["create", "a", "--public-ip", "1.2.3"], "195.219.138.50"),
        (
            &["create", "a", "--public-ip", "127.0.0.1"],
            "195.219.138.50",
        ),
        (
            &["create", "a", "--type", "router"],
            "hybrid, transit, edge",
        ),
        (&["create", "a", "--agent", "me"], "base58"),
        (&["create", "a", "--max-sessions", "-1"], "max-sessions"),
        (&["update", DEVICE], "--public-ip"),
        (
            &["hold", DEVICE, "--kind", "nap", "--for", "1h"],
            "critical-traffic",
        ),
        (
            &[
                "hold",
                DEVICE,
                "--kind",
                "pending-task",
                "--for",
                "1 hours ago",
            ],
            "90s, 30m",
        ),
        (&["report-health", DEVICE, "fine"], "healthy"),
        (&["drain", DEVICE, "--deadline", "soon"], "90s, 30m"),
        (
            &["drain", DEVICE, "--deadline", "1h", "--no-deadline"],
            "cannot be used with",
        ),
        (
            &["drain", DEVICE, "--evict", "--detach"],
            "cannot be used with",
        ),
        (
            &["drain", DEVICE, "--until", "tomorrow"],
            "2026-01-02T15:00:00Z",
        ),
        (&["drain", DEVICE, "--update"], "--deadline"),
        (&["list", "--status", "drained"], "draining"),
    ] {
        lab.ebb_as(&owner, &[&["device"], wrong].concat())
            .exits(2)
            .says_nothing()
            .warns(expected);
    }
}

#[test]
fn absent_contributors_locations_and_devices_are_not_found() {
    let (lab, owner, _) = Lab::in_service();
    let args = create(&["--max-sessions", "8"]).join(" ");
    for (from, to, near) in [
        ("co01", "co10", "co01"),
        ("ams --type", "amz --type", "ams"),
    ] {
        let args = args.replace(from, to);
        let args: Vec<&str> = args.split(' ').collect();
        lab.ebb_as(&owner, &args).exits(3).warns(near);
    }
    for verb in [
        "get", "activate", "drain", "undrain", "retire", "remove", "release",
    ] {
        lab.ebb_as(&owner, &["device", verb, "ams-dz010"])
            .exits(3)
            .warns("there is ams-dz001");
    }
}

#[test]
fn a_code_is_taken_until_its_device_is_removed() {
    let fleet = Fleet::with_sessions(0);
    fleet.register_disk_key("data");
    fleet.drain();
    fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
    let line = format!(
        "create {DEVICE} --contributor co01 --location ams --type hybrid --public-ip 195.219.138.50 \
         --max-sessions 64"
    );
    let create: Vec<&str> = line.split_whitespace().collect();
    let refused = |status: &str| {
        let run = fleet.device(&[&create[..], &["--output", "json"]].concat());
        let error = run.exits(4).item()["error"].clone();
        assert_eq!(error["name"], "AlreadyExists");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&format!("it is {status}")), "{message}");
    };
    refused("retiring");
    fleet.destroy_disk_key("data");
    refused("retired");
    fleet
        .device(&create)
        .exits(4)
        .warns("ebb device remove ams-dz001");
    fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
    fleet.device(&create).exits(0).says("ams-dz001: pending");
}

#[test]
fn a_device_is_updated_while_pending_or_drained() {
    let fleet = Fleet::with_sessions(1);
    let update = [
        "update",
        DEVICE,
        "--max-sessions",
        "128",
        "--public-ip",
        "195.219.138.99",
    ];
    fleet
        .device(&update)
        .exits(4)
        .warns("ebb device drain ams-dz001 --wait");
    fleet.drain();
    fleet.device(&update).exits(4).warns("1 session");
    fleet.close(0);
    fleet.device(&update).exits(0).says("max sessions 64 → 128");
    fleet.device(&update).exits(0).says("already");
    let device = fleet.get(DEVICE);
    assert_eq!(
        (&device["max_sessions"], &device["public_ip"]),
        (&json!(128), &json!("195.219.138.99"))
    );

    fleet.lab.create_location("rtm").exits(0);
    fleet
        .device(&["update", DEVICE, "--location", "rtm"])
        .exits(4)
        .warns("it is draining; a device that was in service stays in its location");
    fleet.create("ams-dz002");
    fleet
        .device(&["update", "ams-dz002", "--location", "rtm"])
        .exits(0)
        .says("ams → rtm");
    assert_eq!(fleet.get("ams-dz002")["location"], "rtm");
    fleet
        .device(&["update", DEVICE, "--max-sessions", "0"])
        .exits(2)
        .warns("not a whole number from 1 to 4294967295");
    fleet
        .lab
        .ebb(&["device", "update", DEVICE, "--max-sessions", "1"])
        .exits(4)
        .warns(&fleet.owner.pubkey);
}
