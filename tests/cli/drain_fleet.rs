//! `ebb device drain` for fleets: how devices are chosen, shown, started and reported.

use {
    crate::fleet::{Fleet, DEVICE},
    serde_json::{json, Value},
};

/// Devices `ams-dz001` with so many sessions to `ams-dz003` without.
fn three(sessions: usize) -> Fleet {
    let fleet = Fleet::with_sessions(sessions);
    fleet.add("ams-dz002");
    fleet.add("ams-dz003");
    fleet
}

fn hold(fleet: &Fleet, code: &str) {
    fleet
        .device(&["hold", code, "--kind", "critical-traffic", "--for", "2h"])
        .exits(0);
}

/// The results of a mutation as `code name-of-error-or-null changed`.
fn results(json: &Value) -> Vec<String> {
    let results = json["results"].as_array().unwrap().iter();
    results
        .map(|item| {
            let error = item["error"]["name"].as_str().unwrap_or("-");
            format!(
                "{} {error} {}",
                item["code"].as_str().unwrap(),
                item["changed"]
            )
        })
        .collect()
}

#[test]
fn devices_are_named_either_by_code_or_by_a_condition() {
    let fleet = Fleet::with_sessions(0);
    for wrong in [
        &["drain", "-y"][..],
        &["drain", "-y", "--contributor", "co01"],
        &["drain", "-y", "--all"],
        &["drain", "-y", DEVICE, "--location", "ams"],
        &["drain", "-y", DEVICE, "--contributor", "co01"],
        &[
            "drain",
            "-y",
            "--all",
            "--contributor",
            "co01",
            "--location",
            "ams",
        ],
        &["drain", "-y", DEVICE, "--max-parallel", "2"],
        &["drain", "-y", DEVICE, "--rolling", "--detach"],
        &["drain", "-y", DEVICE, "--rolling", "--max-parallel", "0"],
    ] {
        fleet.device(wrong).exits(2).says_nothing();
    }
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "activated");
}

#[test]
fn a_preview_says_what_would_happen_to_each() {
    let fleet = three(2);
    fleet.set_budget("2");
    hold(&fleet, "ams-dz002");
    fleet
        .device(&["drain", "--location", "ams"])
        .exits(2)
        .says_nothing()
        .warns("WHAT HAPPENS")
        .warns("3 → 2, keeps 2")
        .warns("drains, 2 sessions to close")
        .warns("1, last ends in ")
        .warns("refused: a live hold")
        .warns("refused: the budget is used up")
        .warns("1 device is being prepared for removal: 2 sessions will be closed")
        .warns("ams-dz001 will be drained. There is no terminal");
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "activated");
    let dry = ["drain", "--location", "ams", "--dry-run"];
    fleet
        .device(&dry)
        .exits(4)
        .says("refused: the budget is used up")
        .says("Nothing was sent.")
        .warns("ams-dz002: ")
        .warns("ams-dz003: ");
    let json = fleet
        .device(&[&dry[..], &["--output", "json"]].concat())
        .exits(4)
        .json();
    assert_eq!(
        results(&json),
        [
            "ams-dz001 - false",
            "ams-dz002 LiveHold false",
            "ams-dz003 BudgetExceeded false"
        ]
    );
}

#[test]
fn a_preview_says_in_words_what_is_not_there() {
    let fleet = three(0);
    fleet
        .device(&["drain", DEVICE, "ams-dz009", "ams-dz002", "--dry-run"])
        .exits(3)
        .says("there is no device ams-dz009")
        .says("drained at once");
    fleet.device(&["drain", "ams-dz002", "-y"]).exits(0);
    fleet
        .device(&[
            "drain",
            DEVICE,
            "ams-dz002",
            "--update",
            "--reason",
            "fibre",
            "--dry-run",
        ])
        .exits(4)
        .says("reason: none → fibre");
    fleet.device(&["retire", "ams-dz002", "-y"]).exits(0);
    fleet
        .device(&["drain", DEVICE, "ams-dz002", "--dry-run"])
        .exits(4)
        .says("refused: the lifecycle has no such transition");
}

#[test]
fn a_refusal_does_not_stop_the_others() {
    let fleet = three(0);
    fleet.set_budget("2");
    hold(&fleet, DEVICE);
    let drain = [
        "drain",
        "--all",
        "--contributor",
        "co01",
        "-y",
        "--output",
        "json",
    ];
    let json = fleet.device(&drain).exits(4).json();
    assert_eq!(
        results(&json),
        [
            "ams-dz001 LiveHold false",
            "ams-dz002 - true",
            "ams-dz003 BudgetExceeded false"
        ]
    );
    let message = json["results"][2]["error"]["message"].as_str().unwrap();
    assert!(message.contains("ams-dz002 (co01)"), "{message}");
    fleet.device(&["release", DEVICE]).exits(0);
    fleet.set_budget("0");
    let json = fleet.device(&drain).exits(0).json();
    assert_eq!(
        results(&json),
        ["ams-dz001 - true", "ams-dz002 - false", "ams-dz003 - true"]
    );
}

#[test]
fn run_again_it_goes_on_where_it_was() {
    let fleet = three(0);
    let drain = ["drain", "--location", "ams"];
    fleet
        .device(&[&drain[..], &["-y"]].concat())
        .exits(0)
        .says("RESULT");
    let before: Vec<Value> = [DEVICE, "ams-dz002", "ams-dz003"]
        .map(|code| fleet.get(code))
        .into();
    fleet.device(&drain).exits(0).says("drained, as before");
    fleet
        .device(&[&drain[..], &["--wait"]].concat())
        .exits(0)
        .says("drained, as before");
    let after: Vec<Value> = [DEVICE, "ams-dz002", "ams-dz003"]
        .map(|code| fleet.get(code))
        .into();
    assert_eq!(before, after);
}

#[test]
fn filters_choose() {
    let fleet = three(1);
    fleet
        .device(&["drain", "--location", "ams", "--health", "dead"])
        .exits(0)
        .warns("no device passes");
    fleet.drain();
    fleet.advance(3_601);
    let evict = [
        "drain",
        "--location",
        "ams",
        "--overdue",
        "--evict",
        "--output",
        "json",
    ];
    let json = fleet.device(&evict).exits(0).json();
    assert_eq!(results(&json), ["ams-dz001 - false"]);
    let drain = &json["results"][0]["drain"];
    assert_eq!(
        (&drain["drained"], &drain["evicted"], &drain["left"]),
        (&json!(true), &json!(1), &json!(0))
    );
    fleet
        .device(&["drain", "--location", "ams", "--status", "pending", "-y"])
        .exits(0)
        .warns("no device passes");
    fleet
        .device(&["drain", "--location", "lon"])
        .exits(3)
        .warns("there is no location lon");
    assert_eq!(fleet.get("ams-dz002")["provisioning_status"], "activated");
}

#[test]
fn a_table_shows_how_each_went() {
    let fleet = three(2);
    let drain = fleet.spawn(&[
        "drain",
        "--location",
        "ams",
        "-y",
        "--wait",
        "--timeout",
        "30s",
    ]);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    fleet.close(0);
    fleet.close(1);
    let run = drain.end().exits(0).says("TOOK").says("EVICTED");
    let row = run.stdout.lines().find(|line| line.starts_with(DEVICE));
    let cells: Vec<&str> = row.unwrap().split_whitespace().collect();
    assert_eq!(cells[1], "drained");
    assert_eq!(cells[3..], ["2", "2", "0", "0"], "{}", run.stdout);
}

#[test]
fn each_of_many_devices_is_drained_once() {
    const MANY: usize = 220;
    let fleet = Fleet::with_sessions(1);
    let codes: Vec<String> = (0..MANY).map(|n| format!("ams-e{n:04}")).collect();
    let rows: Vec<String> = codes
        .iter()
        .map(|code| format!("{code},co01,ams,edge,195.219.138.51,8"))
        .collect();
    let csv = format!(
        "code,contributor,location,device_type,public_ip,max_sessions\n{}\n",
        rows.join("\n")
    );
    let file = fleet.lab.file("devices.csv", &csv);
    fleet.device(&["import", &file]).exits(0);
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    fleet
        .lab
        .ebb(&[&["device", "activate"], &codes[..]].concat())
        .exits(0);
    hold(&fleet, codes[100]);
    fleet.set_budget("11");
    let list = |filter: &[&str]| {
        let list = [&["device", "list", "--output", "json"], filter].concat();
        let json = fleet.lab.ebb(&list).exits(0).json();
        json["devices"].as_array().unwrap().clone()
    };
    let sequences = |devices: &[Value]| -> Vec<u64> {
        let numbers = devices
            .iter()
            .map(|device| device["sequence"].as_u64().unwrap());
        numbers.collect()
    };
    let before = sequences(&list(&[]));
    assert_eq!(list(&["--blocked"]).len(), 1);

    let drain = [
        "drain",
        "--all",
        "--contributor",
        "co01",
        "-y",
        "--output",
        "json",
    ];
    let json = fleet.device(&drain).exits(4).json();
    let reported = results(&json);
    assert_eq!(reported.len(), MANY + 1);
    let count = |what: &str| {
        reported
            .iter()
            .filter(|result| result.ends_with(what))
            .count()
    };
    assert_eq!(count("LiveHold false"), 1);
    assert_eq!(count("BudgetExceeded false"), 10);
    assert_eq!(count("- true"), MANY - 10);

    // All that were drained moved by one, and the others not at all.
    let after = list(&[]);
    let moved = sequences(&after)
        .iter()
        .zip(before)
        .map(|(after, before)| after - before)
        .collect::<Vec<_>>();
    for (device, moved) in after.iter().zip(moved) {
        let draining = device["provisioning_status"] == "draining";
        assert_eq!(moved, u64::from(draining), "{device}");
    }
    assert_eq!(list(&["--blocked"]).len(), 11);
    assert_eq!(list(&["--status", "draining"]).len(), MANY - 10);
    assert!(list(&["--draining-longer-than", "2h"]).is_empty());
    fleet.advance(7_201);
    assert_eq!(list(&["--overdue"]).len(), 1);
    assert_eq!(list(&["--draining-longer-than", "2h"]).len(), MANY - 10);

    let json = fleet.device(&drain).exits(4).json();
    assert_eq!(json["results"].as_array().unwrap().len(), MANY + 1);
    fleet.set_budget("0");
    fleet.device(&drain).exits(0);
    let finally = list(&[]);
    assert!(finally
        .iter()
        .all(|device| device["provisioning_status"] == "draining"));
}
