//! `ebb device list` and `get`

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::Lab,
    },
    serde_json::Value,
};

fn listed(fleet: &Fleet, filter: &[&str]) -> Vec<String> {
    let args = [&["device", "list", "--output", "json"], filter].concat();
    let json = fleet.lab.ebb(&args).exits(0).json();
    let devices = json["devices"].as_array().unwrap();
    devices
        .iter()
        .map(|device| device["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn list_and_get_write_the_same_object() {
    let fleet = Fleet::with_sessions(2);
    fleet.drain();
    let hold = [
        "hold",
        DEVICE,
        "--kind",
        "pending-task",
        "--for",
        "2h",
        "--reason",
        "backup",
    ];
    fleet.device(&hold).exits(0);
    fleet.add("ams-dz002");
    let list = fleet
        .lab
        .ebb(&["device", "list", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(list["devices"].as_array().unwrap().len(), 2);
    for device in list["devices"].as_array().unwrap() {
        let mut got = fleet.get(device["code"].as_str().unwrap());
        assert_eq!(
            got.as_object_mut().unwrap().shift_remove("schema_version"),
            Some(1.into())
        );
        assert_eq!(&got, device);
        let fields = |value: &Value| {
            value
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(fields(&got), fields(device));
    }
    let shown = fleet
        .lab
        .ebb(&["device", "show", DEVICE, "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(shown, fleet.get(DEVICE));
}

#[test]
fn the_object_is_the_published_one() {
    let fleet = Fleet::with_sessions(1);
    let drain = [
        "drain",
        DEVICE,
        "-y",
        "--reason",
        "rack power",
        "--until",
        "2h",
        "--deadline",
        "30m",
    ];
    fleet.device(&drain).exits(0);
    fleet
        .device(&["hold", DEVICE, "--kind", "critical-traffic", "--for", "2h"])
        .exits(0);
    fleet
        .lab
        .ebb(&["device", "report-health", DEVICE, "healthy"])
        .exits(0);
    let device = fleet.get(DEVICE);
    let fields: Vec<&str> = device
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields.join(" "),
        "schema_version code address contributor contributor_address generation sequence location device_type \
         public_ip agent agent_silent provisioning_status drained status_changed_at status_changed_slot health \
         health_reported_at health_reported_by health_proven sessions max_sessions disk_keys created_at payer drain holds"
    );
    let fields = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        fields(&device["drain"]),
        "started_at started_by role reason reason_by reason_role deadline deadline_by deadline_role until \
         sessions_at_start"
    );
    assert_eq!(
        fields(&device["holds"][0]),
        "id kind placed_by role reason expires_at"
    );
    assert_eq!(device["drain"]["role"], "contributor");
    for key in ["started_by", "reason_by", "deadline_by"] {
        assert_eq!(device["drain"][key], fleet.owner.pubkey, "{key}");
    }
    assert_eq!(device["health_reported_by"], "authority");
    assert_eq!(device["drained"], false);
    fleet.close(0);
    assert_eq!(fleet.get(DEVICE)["drained"], true);
}

#[test]
fn the_table_fits_a_hundred_columns() {
    let fleet = Fleet::with_sessions(3);
    fleet.add("ams-dz002");
    fleet.drain();
    fleet.close(0);
    let run = fleet
        .lab
        .ebb(&["device", "list"])
        .exits(0)
        .says("2 of 3 left")
        .says("in ")
        .says("0/64");
    assert!(
        run.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        run.stdout
    );
    fleet.advance(3_700);
    fleet
        .lab
        .ebb(&["device", "ls"])
        .exits(0)
        .says("passed 1m 4");
}

#[test]
fn filters_choose() {
    let fleet = Fleet::with_sessions(1);
    fleet.add("ams-dz002");
    fleet.add("ams-dz003");
    fleet.drain();
    assert_eq!(listed(&fleet, &[]), [DEVICE, "ams-dz002", "ams-dz003"]);
    assert_eq!(listed(&fleet, &["--status", "draining"]), [DEVICE]);
    assert_eq!(
        listed(&fleet, &["--without-status", "draining"]),
        ["ams-dz002", "ams-dz003"]
    );
    assert_eq!(listed(&fleet, &["--status", "draining,retired"]), [DEVICE]);
    assert_eq!(
        listed(&fleet, &["--status", "draining", "--status", "activated"]).len(),
        3
    );
    fleet
        .lab
        .ebb(&["device", "report-health", "ams-dz003", "dead"])
        .exits(0);
    assert_eq!(listed(&fleet, &["--health", "dead"]), ["ams-dz003"]);
    assert_eq!(
        listed(&fleet, &["--contributor", "co01", "--location", "ams"]).len(),
        3
    );
    fleet.lab.create_location("rtm").exits(0);
    assert!(listed(&fleet, &["--location", "rtm"]).is_empty());
    fleet
        .lab
        .ebb(&["device", "list", "--contributor", "co02"])
        .exits(3)
        .warns("co01");

    assert!(listed(&fleet, &["--overdue"]).is_empty());
    assert!(listed(&fleet, &["--draining-longer-than", "1h"]).is_empty());
    fleet.advance(3_601);
    assert_eq!(listed(&fleet, &["--overdue"]), [DEVICE]);
    assert_eq!(listed(&fleet, &["--draining-longer-than", "1h"]), [DEVICE]);

    assert!(listed(&fleet, &["--blocked"]).is_empty());
    fleet
        .device(&[
            "hold",
            "ams-dz002",
            "--kind",
            "critical-traffic",
            "--for",
            "1h",
        ])
        .exits(0);
    assert_eq!(listed(&fleet, &["--blocked"]), ["ams-dz002"]);
}

#[test]
fn an_empty_list_is_no_failure() {
    let lab = Lab::initialized();
    lab.ebb(&["device", "list"])
        .exits(0)
        .says_nothing()
        .warns("no devices");
    let json = lab
        .ebb(&["device", "list", "--output", "json-compact"])
        .exits(0)
        .json();
    assert_eq!(json["devices"], serde_json::json!([]));
}
