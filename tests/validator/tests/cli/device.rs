//! `ebb device`

use {
    crate::lab::{json, Lab},
    serde_json::{json, Value},
};

pub const VERBS: [&str; 14] = [
    "device-create",
    "device-import",
    "device-update",
    "device-activate",
    "device-list",
    "device-get",
    "device-drain",
    "device-undrain",
    "device-retire",
    "device-remove",
    "device-set-agent",
    "device-report-health",
    "device-hold",
    "device-release",
];

/// The second line's device is registered already, the last one has no such address.
const FILE: &str = "\
code,contributor,location,device_type,public_ip,max_sessions,agent
ams-dz001,co01,ams,hybrid,195.219.138.50,128,AGENT
ams-dz002,co01,ams,edge,195.219.138.51,64,AGENT
ams-dz003,co01,ams,transit,195.219.138.52,32,
ams-dz004,co01,ams,hybrid,195.219.138,1,
";

/// The codes that a list has.
fn codes(list: &Value) -> Vec<&str> {
    let devices = list["devices"].as_array().expect("a list").iter();
    devices.filter_map(|it| it["code"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_registered_and_put_into_service() {
    let (lab, owner) = Lab::with_contributor().await;
    let network = &lab.authority;
    owner.registers("ams-dz001", "co01").await;
    owner
        .ebb
        .file("devices.csv", &FILE.replace("AGENT", &owner.key));
    let import = owner.run("device import devices.csv").await;
    assert_eq!(import.code, Some(1), "{import:#?}");
    let results = &json(&import)["results"];
    let changed: Vec<bool> = (0..4)
        .map(|line| results[line]["changed"] == true)
        .collect();
    assert_eq!(changed, [false, true, true, false], "{results}");
    assert_eq!(results[3]["error"]["kind"], "usage");

    let update = "device update ams-dz003 --max-sessions 48 --public-ip 195.219.138.53";
    network.is_refused(update, "RoleNotAllowed").await;
    owner.changes(update).await;
    let set_agent = format!("device set-agent ams-dz003 {}", owner.key);
    owner.changes(&set_agent).await;
    owner.changes_nothing(&set_agent).await;

    network
        .changes("registry set-policy --require-healthy true")
        .await;
    let activate = "device activate ams-dz003";
    owner.is_refused(activate, "RoleNotAllowed").await;
    network.is_refused(activate, "HealthNotProven").await;
    network
        .changes("device report-health ams-dz003 healthy")
        .await;
    let activated = network.changes(activate).await;
    assert_eq!(
        (&activated["from"], &activated["to"]),
        (&json!("pending"), &json!("activated"))
    );
    network.changes_nothing(activate).await;

    let device = owner.device("ams-dz003").await;
    assert_eq!(device["device_type"], "transit");
    assert_eq!(device["public_ip"], "195.219.138.53");
    assert_eq!(device["max_sessions"], 48);
    assert_eq!(device["agent"], owner.key);
    assert_eq!(device["health_reported_by"], "authority");
    assert_eq!(
        (&device["sequence"], &device["generation"]),
        (&json!(5), &json!(3))
    );
    let pending = owner.json("device list --status pending").await;
    assert_eq!(codes(&pending), ["ams-dz001", "ams-dz002"]);
    let healthy = owner
        .json("device list --health healthy --location ams")
        .await;
    assert_eq!(codes(&healthy), ["ams-dz003"]);
    lab.ran(&VERBS[..6]).await;
    lab.ran(&VERBS[10..12]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_leaves_service_comes_back_and_leaves_for_good() {
    let (lab, owner) = Lab::with_contributor().await;
    lab.device(&owner, "co01", "ams-dz001").await;
    let users = owner.opens("ams-dz001", 1).await;

    let hold = "device hold ams-dz001 --kind critical-traffic --for 1h --reason 'match day'";
    let placed = owner.changes(hold).await;
    assert_eq!(
        (&placed["to"], &placed["hold"]),
        (&json!("live"), &json!(1))
    );
    let drain = "device drain ams-dz001 --reason 'rack power' --deadline 2h --detach --yes";
    let refusal = owner.is_refused(drain, "LiveHold").await;
    assert!(refusal.contains("match day"), "{refusal}");
    owner.changes("device release ams-dz001").await;
    let drained = owner.changes(drain).await;
    assert_eq!(
        (&drained["from"], &drained["to"]),
        (&json!("activated"), &json!("draining"))
    );
    owner.changes_nothing(drain).await;
    let device = owner.device("ams-dz001").await;
    assert_eq!(
        (&device["drained"], &device["sessions"]),
        (&json!(false), &json!(1))
    );
    let record = &device["drain"];
    assert_eq!(record["reason"], "rack power");
    assert_eq!(
        (&record["role"], &record["started_by"]),
        (&json!("contributor"), &json!(owner.key))
    );
    assert_eq!(
        (&record["deadline_role"], &record["deadline_by"]),
        (&json!("contributor"), &json!(owner.key))
    );
    assert_eq!(record["sessions_at_start"], 1);

    owner.changes("device undrain ams-dz001").await;
    owner.changes(drain).await;
    let retire = "device retire ams-dz001 --yes";
    let refusal = owner.is_refused(retire, "NotDrained").await;
    assert!(refusal.contains("1 session of 1 open"), "{refusal}");
    owner
        .is_refused("device remove ams-dz001 --yes", "TransitionNotAllowed")
        .await;
    owner
        .changes(&format!("session close ams-dz001 --user {}", users[0]))
        .await;
    assert_eq!(owner.device("ams-dz001").await["drained"], true);
    let retired = owner.changes(retire).await;
    assert_eq!(
        (&retired["from"], &retired["to"]),
        (&json!("draining"), &json!("retired"))
    );
    owner.changes_nothing(retire).await;
    let device = owner.device("ams-dz001").await;
    // Created, activated, opened, held, released, drained, undrained, drained, closed, retired.
    assert_eq!(device["sequence"], 10);
    assert_eq!(device["drain"], json!(null));

    let removed = owner.changes("device remove ams-dz001 --yes").await;
    assert_eq!(
        (&removed["from"], &removed["to"]),
        (&json!("retired"), &json!(null))
    );
    let absent = owner.run("device get ams-dz001").await;
    assert_eq!(absent.code, Some(3), "{absent:#?}");
    assert_eq!(codes(&owner.json("device list").await), [""; 0]);
    lab.ran(&VERBS[6..10]).await;
    lab.ran(&VERBS[12..]).await;
}
