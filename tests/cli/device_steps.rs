//! `ebb device activate`, `undrain`, `retire` and `remove`

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::Lab,
    },
    serde_json::json,
};

#[test]
fn activation_is_the_authoritys_and_leaves_pending_only() {
    let fleet = Fleet::with_sessions(0);
    fleet
        .lab
        .ebb(&["device", "activate", DEVICE])
        .exits(0)
        .says("ams-dz001 is activated already");
    fleet.drain();
    fleet
        .lab
        .ebb(&["device", "activate", DEVICE])
        .exits(4)
        .warns(
        "the lifecycle has no such transition: it is draining, and activate leaves pending only",
    );
    fleet
        .device(&["undrain", DEVICE])
        .exits(0)
        .says("draining → activated");
    fleet
        .device(&["undrain", DEVICE])
        .exits(0)
        .says("ams-dz001 is activated already");
    let create = [
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
        "--max-sessions",
        "8",
    ];
    fleet.device(&create).exits(0);
    fleet
        .device(&["activate", "ams-dz002"])
        .exits(4)
        .warns("role may not")
        .warns("the authority");
    fleet
        .lab
        .ebb(&["registry", "set-policy", "--require-healthy", "true"])
        .exits(0);
    fleet
        .lab
        .ebb(&["device", "activate", "ams-dz002"])
        .exits(4)
        .warns("ebb device report-health ams-dz002 healthy");
    fleet
        .lab
        .ebb(&["device", "report-health", "ams-dz002", "healthy"])
        .exits(0);
    fleet.lab.ebb(&["device", "activate", "ams-dz002"]).exits(0);
}

#[test]
fn several_devices_go_on_after_a_failure_and_the_worst_decides() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.device(&["drain", DEVICE, "ams-dz002", "-y"]).exits(0);
    let undrain = [
        "undrain",
        DEVICE,
        "ams-dz009",
        "ams-dz002",
        "--output",
        "json",
    ];
    let json = fleet.device(&undrain).exits(3).json();
    let reported: Vec<_> = json["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["changed"].as_bool().unwrap(),
                item["error"]["kind"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        reported,
        [(true, None), (false, Some("not-found")), (true, None)]
    );

    fleet
        .lab
        .ebb(&["device", "report-health", DEVICE, "unhealthy"])
        .exits(0);
    fleet.device(&["drain", DEVICE, "-y"]).exits(0);
    fleet
        .device(&["undrain", DEVICE, "ams-dz009"])
        .exits(4)
        .warns("its health is unhealthy, reported by authority");
}

#[test]
fn what_was_done_is_reported_where_the_command_line_is_wrong() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.device(&["drain", "ams-dz002", "-y"]).exits(0);
    let run = fleet.device(&[
        "undrain",
        DEVICE,
        "ams-dz002",
        "--fee-payer",
        "absent.json",
        "--output",
        "json",
    ]);
    let run = run.exits(2);
    assert_eq!(run.item()["code"], DEVICE);
    assert_eq!(run.error()["kind"], "usage");
}

#[test]
fn retirement_says_what_is_missing_at_each_step() {
    let fleet = Fleet::with_sessions(2);
    let retire = ["retire", DEVICE, "--yes"];
    fleet
        .device(&retire)
        .exits(4)
        .warns("an activated device must be drained before it retires")
        .warns("ebb device drain ams-dz001 --wait");
    fleet.drain();
    fleet
        .device(&retire)
        .exits(4)
        .warns("the device still has sessions: 2 sessions of 2 open");
    fleet.close(0);
    fleet.close(1);
    let hold = [
        "hold",
        DEVICE,
        "--kind",
        "pending-task",
        "--for",
        "1h",
        "--reason",
        "backup",
    ];
    fleet.device(&hold).exits(0);
    fleet
        .device(&retire)
        .exits(4)
        .warns("pending-task")
        .warns("backup");
    fleet.device(&["release", DEVICE]).exits(0);
    fleet.device(&["retire", DEVICE]).exits(2).warns("--yes");
    let stranger = fleet.lab.key("stranger");
    fleet
        .lab
        .ebb_as(&stranger, &["device", "retire", DEVICE, "-y"])
        .exits(4)
        .warns("credential");
    let item = fleet
        .device(&[&retire[..], &["--output", "json"]].concat())
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!("draining"), &json!("retired"))
    );
    fleet
        .device(&["retire", DEVICE])
        .exits(0)
        .says("is retired already");
}

#[test]
fn retirement_waits_for_the_last_session() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    let retire = fleet.spawn(&["retire", DEVICE, "--yes", "--wait", "--timeout", "20s"]);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    fleet.close(0);
    retire
        .end()
        .exits(0)
        .warns("waiting: ams-dz001: the device still has sessions: 1 session of 1 open")
        .says("ams-dz001: draining → retired");
}

#[test]
fn a_wait_for_retirement_times_out() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    fleet
        .device(&["retire", DEVICE, "--yes", "--wait", "--timeout", "1s"])
        .exits(5)
        .warns("the time to wait ran out");
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "draining");
}

#[test]
fn a_dead_device_is_retired_by_the_authority() {
    let fleet = Fleet::with_sessions(1);
    fleet
        .lab
        .ebb(&["device", "report-health", DEVICE, "dead"])
        .exits(0);
    fleet
        .device(&["retire", DEVICE, "-y"])
        .exits(4)
        .warns("requires the authority");
    let retire = ["device", "retire", DEVICE, "-y"];
    fleet
        .lab
        .ebb(&retire)
        .exits(4)
        .warns("a dead device is evicted or retired once it has been reported dead for 60 seconds")
        .warns("it was reported dead at");
    let user = fleet.users[0].pubkey.as_str();
    let evict = ["session", "close", DEVICE, "--user", user, "-y"];
    fleet.lab.ebb(&evict).exits(4).warns("try again at");
    fleet.advance(60);
    fleet
        .lab
        .ebb(&retire)
        .exits(4)
        .warns("it is dead with 1 session");
    fleet.close(0);
    fleet.lab.ebb(&retire).exits(0).says("activated → retired");
}

#[test]
fn removal_shows_what_goes_and_frees_the_code() {
    let fleet = Fleet::with_sessions(0);
    fleet
        .device(&["remove", DEVICE, "-y"])
        .exits(4)
        .warns("it is activated, and remove leaves retired only");
    fleet.drain();
    fleet.device(&["retire", DEVICE, "-y"]).exits(0);
    fleet
        .device(&["remove", DEVICE])
        .exits(2)
        .warns("rent of 0.00")
        .warns(&format!("goes back to {}", fleet.owner.pubkey))
        .warns("may be registered again");
    let item = fleet
        .device(&["remove", DEVICE, "-y", "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!("retired"), &json!(null))
    );
    fleet.device(&["remove", DEVICE, "-y"]).exits(3);
    fleet.add(DEVICE);
    assert_eq!(fleet.get(DEVICE)["generation"], 2);
}

#[test]
fn a_command_line_that_is_wrong_prints_json_too() {
    let lab = Lab::initialized();
    let error = lab
        .ebb(&["device", "get", "--output", "json"])
        .exits(2)
        .says_nothing()
        .error();
    assert_eq!(error["kind"], "usage");
    let error = lab
        .ebb(&["device", "get", "ams-dz001", "--output", "json"])
        .exits(3)
        .error();
    assert_eq!(
        (&error["kind"], &error["code"]),
        (&json!("not-found"), &json!(null))
    );
}

#[test]
fn disk_keys_are_destroyed_before_a_device_is_retired() {
    let fleet = Fleet::with_sessions(0);
    fleet.register_disk_key("/dev/sda");
    fleet.register_disk_key("/dev/sdb");
    fleet.drain();
    let retire = ["retire", DEVICE, "--yes"];
    fleet
        .device(&retire)
        .exits(0)
        .says("draining → retiring")
        .warns("2 disk keys left")
        .warns(&format!("/dev/sda (custodian {})", fleet.agent.pubkey));
    let item = fleet
        .device(&[&retire[..], &["--output", "json"]].concat())
        .exits(4)
        .item();
    assert_eq!(item["error"]["name"], "DiskKeysLeft");
    assert!(item["error"]["message"]
        .as_str()
        .unwrap()
        .contains("ebb disk-key destroy ams-dz001 PATH"));
    let waiting = fleet.spawn(&["retire", DEVICE, "-y", "--wait", "--timeout", "20s"]);
    fleet.destroy_disk_key("/dev/sda");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    fleet.destroy_disk_key("/dev/sdb");
    waiting
        .end()
        .exits(0)
        .warns("waiting: ams-dz001: the device still has disk keys")
        .says("ams-dz001 is retired already");
}

#[test]
fn a_wait_sees_a_retirement_through() {
    let fleet = Fleet::with_sessions(0);
    fleet.register_disk_key("/dev/sda");
    fleet.drain();
    let retire = ["retire", DEVICE, DEVICE, "-y", "--wait", "--timeout", "20s"];
    let waiting = fleet.spawn(&[&retire[..], &["--output", "json"]].concat());
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    fleet.destroy_disk_key("/dev/sda");
    let item = waiting.end().exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"], &item["changed"]),
        (&json!("draining"), &json!("retired"), &json!(true))
    );
}

#[test]
fn while_it_drains_the_contributor_signs_for_a_disk_key() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    let path = fleet.lab.file("passphrase", "open sesame");
    let store = fleet.lab.path().join("keys").display().to_string();
    let register = [
        "disk-key",
        "register",
        DEVICE,
        "sda",
        "--generate",
        "--store",
        &store,
        "--passphrase-file",
        &path,
    ];
    fleet
        .lab
        .ebb_as(&fleet.agent, &register)
        .exits(4)
        .warns("while a device drains, its contributor must sign for a new disk key")
        .warns(&format!(
            "let the authority {} of contributor co01 sign: --owner KEYPAIR",
            fleet.owner.pubkey
        ));
    let owner = ["--owner", fleet.owner.path.as_str()];
    fleet
        .lab
        .ebb_as(&fleet.agent, &[&register[..], &owner].concat())
        .exits(0);
}
