//! `ebb device drain`: what it says, asks and refuses.

use {
    crate::fleet::{Fleet, DEVICE},
    serde_json::json,
};

#[test]
fn it_says_what_will_happen_and_asks() {
    let fleet = Fleet::with_sessions(2);
    fleet
        .device(&["drain", DEVICE])
        .exits(2)
        .says_nothing()
        .warns("ams-dz001 is being prepared for removal: 2 sessions will be closed.")
        .warns("takes no new one")
        .warns("(in 1h), then they may be evicted")
        .warns("say so with --yes");
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "activated");
}

#[test]
fn off_a_terminal_it_returns_at_once() {
    let fleet = Fleet::with_sessions(2);
    let drain = [
        "drain",
        DEVICE,
        "-y",
        "--reason",
        "rack power",
        "--until",
        "3h",
        "--no-deadline",
    ];
    let item = fleet
        .device(&[&drain[..], &["--output", "json"]].concat())
        .exits(0)
        .item();
    assert_eq!(
        (
            &item["action"],
            &item["from"],
            &item["to"],
            &item["changed"]
        ),
        (
            &json!("drain"),
            &json!("activated"),
            &json!("draining"),
            &json!(true)
        )
    );
    let device = fleet.get(DEVICE);
    assert_eq!(device["drain"]["reason"], "rack power");
    assert_eq!(device["drain"]["deadline"], json!(null));
    assert!(device["drain"]["until"].is_string());
    assert_eq!(device["drain"]["sessions_at_start"], 2);
    fleet
        .open(DEVICE, &fleet.lab.key("late"))
        .exits(4)
        .warns("sessions open on activated devices only");
}

#[test]
fn a_drain_that_runs_is_not_changed_without_update() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    let before = fleet.get(DEVICE);
    fleet
        .device(&["drain", DEVICE, "--deadline", "2h", "--reason", "other"])
        .exits(0)
        .says("is draining already, started")
        .says(&fleet.owner.pubkey)
        .says("nothing was changed");
    assert_eq!(fleet.get(DEVICE), before);

    fleet
        .device(&["drain", DEVICE, "--update", "--deadline", "2h"])
        .exits(0)
        .says("(in 2h)");
    let after = fleet.get(DEVICE);
    assert_ne!(after["drain"]["deadline"], before["drain"]["deadline"]);
    assert_eq!(after["drain"]["reason"], "rack power");
    assert_eq!(after["drain"]["started_at"], before["drain"]["started_at"]);

    // What is recorded already is not recorded again.
    fleet
        .device(&["drain", DEVICE, "--update", "--reason", "rack power"])
        .exits(0)
        .says("nothing was changed");
    assert_eq!(fleet.get(DEVICE), after);
    fleet.device(&["undrain", DEVICE]).exits(0);
    fleet
        .device(&["drain", DEVICE, "--update", "--deadline", "2h"])
        .exits(4)
        .warns("not draining");
}

#[test]
fn reason_and_deadline_name_who_set_them_last() {
    let fleet = Fleet::with_sessions(1);
    let operator = fleet.lab.key("operator");
    let set = ["contributor", "set-operator", "co01", &operator.pubkey];
    fleet.lab.ebb_as(&fleet.owner, &set).exits(0);
    let registry = fleet.lab.ebb(&["registry", "get", "--output", "json"]);
    let authority = &registry.json()["authority"];
    let [owner, operator_key] = [json!(fleet.owner.pubkey), json!(operator.pubkey)];
    let names = || {
        let drain = &fleet.get(DEVICE)["drain"];
        ["reason_by", "reason_role", "deadline_by", "deadline_role"].map(|key| drain[key].clone())
    };
    let shown = || {
        let get = fleet.lab.ebb(&["device", "get", DEVICE]).exits(0);
        let lines = get.stdout.lines().map(str::trim);
        lines
            .filter(|line| line.starts_with("set by "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let update = ["device", "drain", DEVICE, "--update"];

    fleet.drain();
    let [contributor_role, authority_role, operator_role] =
        ["contributor", "authority", "operator"].map(|role| json!(role));
    let started = [&owner, &contributor_role, &owner, &contributor_role];
    assert_eq!(names().each_ref(), started);
    assert_eq!(shown(), [""; 0]);

    let shorten = [&update[..], &["--deadline", "30m"]].concat();
    fleet.lab.ebb(&shorten).exits(0);
    let shortened = [&owner, &contributor_role, authority, &authority_role];
    assert_eq!(names().each_ref(), shortened);
    let by_authority = format!("set by {} (authority)", authority.as_str().unwrap());
    assert_eq!(shown(), [by_authority.as_str()]);

    let explain = [&update[..], &["--reason", "fan"]].concat();
    fleet.lab.ebb_as(&operator, &explain).exits(0);
    let explained = [&operator_key, &operator_role, authority, &authority_role];
    assert_eq!(names().each_ref(), explained);
    let by_operator = format!("set by {} (operator)", operator.pubkey);
    assert_eq!(shown(), [by_operator.as_str(), by_authority.as_str()]);
    fleet.device(&["drain", DEVICE]).exits(0).says(&format!(
        ", reason {by_operator}: fan; 1 of 1 sessions left"
    ));

    fleet.device(&["undrain", DEVICE]).exits(0);
    assert_eq!(fleet.get(DEVICE)["drain"], json!(null));
}

#[test]
fn a_budget_refusal_names_who_drains_there() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.set_budget("1");
    let drain = ["drain", DEVICE, "ams-dz002", "-y", "--output", "json"];
    let json = fleet.device(&drain).exits(4).json();
    assert_eq!(json["results"][0]["changed"], true);
    let error = &json["results"][1]["error"];
    assert_eq!(error["name"], "BudgetExceeded");
    let message = error["message"].as_str().unwrap();
    for part in [
        "ams has 1 activated device and keeps at least 1",
        "ams-dz001 (co01)",
        "set-budget",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_dry_run_sends_nothing() {
    let fleet = Fleet::with_sessions(2);
    let dry = ["drain", DEVICE, "--dry-run"];
    let before = fleet.get(DEVICE);
    fleet
        .device(&dry)
        .exits(0)
        .says("ams-dz001: activated → draining")
        .says("2 sessions will be closed")
        .says("ams has 1 activated device, keeps at least 0")
        .says("SOL fee")
        .says("compute units")
        .says("Nothing was sent.");
    fleet
        .device(&["hold", DEVICE, "--kind", "critical-traffic", "--for", "1h"])
        .exits(0);
    let json = fleet
        .device(&[&dry[..], &["--output", "json"]].concat())
        .exits(4)
        .json();
    assert_eq!(json["dry_run"], true);
    let result = &json["results"][0];
    assert_eq!(result["changed"], false);
    assert_eq!(result["error"]["name"], "LiveHold");
    assert_eq!(result["holds"][0]["kind"], "critical-traffic");
    assert_eq!(
        (&result["sessions"], &result["budget"]["activated"]),
        (&json!(2), &json!(1))
    );
    fleet.device(&["release", DEVICE]).exits(0);
    let json = fleet
        .device(&[&dry[..], &["--output", "json"]].concat())
        .exits(0)
        .json();
    let result = &json["results"][0];
    assert_eq!(
        (&result["from"], &result["to"]),
        (&json!("activated"), &json!("draining"))
    );
    assert!(result["compute_units"].as_u64().unwrap() > 0);
    assert!(result["fee"].as_u64().unwrap() > 0);
    assert_eq!(
        fleet.get(DEVICE)["provisioning_status"],
        before["provisioning_status"]
    );

    let stranger = fleet.lab.key("stranger");
    fleet
        .lab
        .ebb_as(&stranger, &["device", "drain", DEVICE, "--dry-run"])
        .exits(4)
        .warns("credential");
    fleet.device(&["drain", "ams-dz009", "--dry-run"]).exits(3);
}

#[test]
fn a_dry_run_of_an_update_shows_what_changes() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    let before = fleet.get(DEVICE);
    let update =
        format!("drain {DEVICE} --update --no-deadline --until 2h --reason fibre --dry-run");
    let update: Vec<&str> = update.split(' ').collect();
    let run = fleet.device(&update).exits(0);
    let deadline = before["drain"]["deadline"].as_str().unwrap();
    run.says(&format!("change of deadline: {deadline} (in "))
        .says(") → none")
        .says("change of until: none → ")
        .says("(in 2h)")
        .says("change of reason: rack power → fibre")
        .says("Nothing was sent.");
    let json = fleet
        .device(&[&update[..], &["--output", "json"]].concat())
        .exits(0)
        .json();
    let changes = &json["results"][0]["changes"];
    assert_eq!(
        changes[0],
        json!({"field": "deadline", "from": deadline, "to": null})
    );
    assert_eq!(changes[1]["from"], json!(null));
    assert_eq!(
        changes[2],
        json!({"field": "reason", "from": "rack power", "to": "fibre"})
    );
    assert_eq!(fleet.get(DEVICE), before);
}

#[test]
fn an_eviction_that_cannot_begin_says_so_at_once() {
    let fleet = Fleet::with_sessions(1);
    let drain = ["drain", DEVICE, "-y", "--no-deadline", "--evict"];
    fleet
        .device(&[&drain[..], &["--timeout", "1s"]].concat())
        .exits(5)
        .warns("--evict can evict nobody from ams-dz001 until a deadline is set")
        .warns("ebb device drain ams-dz001 --update --deadline 1h");
}

#[test]
fn an_operator_drains_and_does_not_retire() {
    let fleet = Fleet::with_sessions(0);
    let operator = fleet.lab.key("operator");
    fleet
        .lab
        .ebb_as(
            &fleet.owner,
            &["contributor", "set-operator", "co01", &operator.pubkey],
        )
        .exits(0);
    fleet
        .lab
        .ebb_as(&operator, &["device", "drain", DEVICE, "-y"])
        .exits(0)
        .says("drained");
    assert_eq!(fleet.get(DEVICE)["drain"]["role"], "operator");
    fleet
        .lab
        .ebb_as(&operator, &["device", "retire", DEVICE, "-y"])
        .exits(4)
        .warns(", the operator; requires ");
    fleet
        .lab
        .ebb_as(&operator, &["device", "undrain", DEVICE])
        .exits(0);
}

#[test]
fn only_who_may_drains() {
    let fleet = Fleet::with_sessions(0);
    let stranger = fleet.lab.key("stranger");
    let item = fleet
        .lab
        .ebb_as(
            &stranger,
            &["device", "drain", DEVICE, "-y", "--output", "json"],
        )
        .exits(4)
        .item();
    assert_eq!(item["error"]["name"], "Unauthorized");
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!("activated"), &json!("activated"))
    );
}
