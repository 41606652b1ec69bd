//! `ebb disk-key`

use {crate::lab::Lab, serde_json::json};

pub const VERBS: [&str; 5] = [
    "disk-key-register",
    "disk-key-destroy",
    "disk-key-get",
    "disk-key-list",
    "disk-key-reassign",
];

const DEVICE: &str = "ams-dz001";
const DISK: &str = "/dev/nvme0n1p3";
const STORE: &str = "--store keys --passphrase-file passphrase.txt";

#[tokio::test(flavor = "multi_thread")]
async fn disk_keys_are_kept_handed_over_and_destroyed() {
    let (lab, owner) = Lab::with_contributor().await;
    owner.registers(DEVICE, "co01").await;
    let next = lab.user().await;
    for custodian in [&owner, &next] {
        custodian.ebb.file("passphrase.txt", "correct horse\n");
    }
    owner.ebb.file("luks.key", "0123456789abcdef");

    let register = format!("disk-key register {DEVICE} {DISK} --key-file luks.key {STORE}");
    owner.changes(&register).await;
    owner.changes_nothing(&register).await;
    let data = format!("disk-key register {DEVICE} data --generate {STORE}");
    owner.changes(&data).await;
    let got = format!("disk-key get {DEVICE} {DISK} --out copy.key {STORE}");
    assert_eq!(owner.json(&got).await["bytes"], 16);

    let reassign = format!("disk-key reassign {DEVICE} data --custodian {}", next.key);
    owner.is_refused(&reassign, "Unauthorized").await;
    lab.authority.changes(&reassign).await;
    let list = owner
        .json(&format!("disk-key list {DEVICE} --store keys"))
        .await;
    let keys = list["disk_keys"].as_array().expect("a list");
    let custodian = |path: &str| {
        let key = keys.iter().find(|key| key["path"] == path);
        key.expect("it is listed")["custodian"].clone()
    };
    assert_eq!(keys.len(), 2, "{list}");
    assert_eq!(custodian(DISK), owner.key);
    assert_eq!(custodian("data"), next.key);

    // With a key left, a device is retiring and no more.
    let retired = owner
        .changes(&format!("device retire {DEVICE} --yes"))
        .await;
    assert_eq!(retired["to"], "retiring");
    let destroy = format!("disk-key destroy {DEVICE} {DISK} {STORE} --yes");
    owner.changes(&destroy).await;
    let device = owner.device(DEVICE).await;
    assert_eq!(
        (&device["provisioning_status"], &device["disk_keys"]),
        (&json!("retiring"), &json!(1))
    );
    let destroy = format!("disk-key destroy {DEVICE} data --destroyed-elsewhere {STORE} --yes");
    owner.is_refused(&destroy, "NotCustodian").await;
    // The last one takes the device with it.
    let destroyed = next.json(&destroy).await;
    let ended = |at: usize| {
        (
            &destroyed["results"][at]["action"],
            &destroyed["results"][at]["to"],
        )
    };
    assert_eq!(ended(0), (&json!("destroy"), &json!("destroyed")));
    assert_eq!(ended(1), (&json!("retire"), &json!("retired")));
    let device = owner.device(DEVICE).await;
    assert_eq!(device["provisioning_status"], "retired");
    assert_eq!(device["disk_keys"], 0);
    lab.ran(&VERBS).await;
}
