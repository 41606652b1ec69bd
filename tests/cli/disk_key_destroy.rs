//! `ebb disk-key destroy`

use {
    crate::custody::{Custody, DEVICE},
    serde_json::json,
    std::fs,
};

#[test]
fn the_last_destruction_retires_the_device() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.register("b").exits(0);
    custody.retire();
    assert_eq!(custody.status(), "retiring");
    let destroy = |path: &str| custody.run("destroy", &[DEVICE, path, "--yes", "--output", "json"]);
    let item = destroy("a").exits(0).item();
    assert_eq!(
        (&item["path"], &item["from"], &item["to"], &item["changed"]),
        (
            &json!("a"),
            &json!("registered"),
            &json!("destroyed"),
            &json!(true)
        )
    );
    assert_eq!(custody.status(), "retiring");
    let again = destroy("a").exits(0).item();
    assert_eq!(
        (&again["to"], &again["changed"]),
        (&json!("destroyed"), &json!(false))
    );

    let results = destroy("b").exits(0).json()["results"].clone();
    assert_eq!(results[0]["to"], "destroyed");
    assert_eq!(
        (
            &results[1]["action"],
            &results[1]["from"],
            &results[1]["to"]
        ),
        (&json!("retire"), &json!("retiring"), &json!("retired"))
    );
    assert_eq!(results[1]["signature"], results[0]["signature"]);
    assert_eq!(custody.status(), "retired");
    assert_eq!(custody.files("keys").len(), 0);
    destroy("c").exits(3);
    custody
        .run("destroy", &[DEVICE, "--all"])
        .exits(0)
        .says("no disk key is left to destroy");

    // The device may go; what was destroyed is still known.
    custody
        .lab
        .ebb_as(&custody.owner, &["device", "remove", DEVICE, "--yes"])
        .exits(0);
    destroy("a").exits(0);
    custody.run("destroy", &["ams-dz002", "a"]).exits(3);
}

#[test]
fn nothing_is_touched_before_the_device_retires() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    let file = &custody.files("keys")[0];
    let before = fs::read(file).unwrap();
    let refused = || {
        custody
            .run("destroy", &[DEVICE, "a", "--yes"])
            .exits(4)
            .warns("disk keys are destroyed while retiring only: ams-dz001 is")
            .warns("and must be retiring")
            .warns("ebb device retire ams-dz001");
        custody.run("destroy", &[DEVICE, "--all", "--yes"]).exits(4);
        assert_eq!(fs::read(file).unwrap(), before);
        assert_eq!(custody.files("destroyed").len(), 0);
    };
    refused();
    let drain = ["device", "drain", DEVICE, "--yes", "--detach"];
    custody.lab.ebb_as(&custody.owner, &drain).exits(0);
    refused();
    custody
        .lab
        .ebb_as(&custody.owner, &["device", "retire", DEVICE, "--yes"])
        .exits(0);
    custody
        .run("destroy", &[DEVICE, "a"])
        .exits(2)
        .warns("can never be read again")
        .warns("--yes");
    assert_eq!(fs::read(file).unwrap(), before);
    custody.run("destroy", &[DEVICE, "a", "--yes"]).exits(0);
}

#[test]
fn only_the_custodian_attests() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    for key in [&custody.owner, &custody.agent] {
        custody
            .run("destroy", &[DEVICE, "a", "--yes", "--custodian", &key.path])
            .exits(4)
            .warns(&custody.custodian.pubkey);
    }
    // What is another's is left to them.
    custody
        .run_on(
            "other",
            "destroy",
            &[DEVICE, "--all", "--yes", "--custodian", &custody.owner.path],
        )
        .exits(0)
        .warns("a is left to its custodian");
    assert_eq!(custody.files("keys").len(), 1);
    assert_eq!(custody.status(), "retiring");
}

#[test]
fn nothing_is_attested_that_this_store_did_not_destroy() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    let elsewhere =
        |args: &[&str]| custody.run_on("other", "destroy", &[&[DEVICE, "a"], args].concat());
    elsewhere(&["--yes"])
        .exits(3)
        .warns("neither holds its key nor destroyed it")
        .warns("--destroyed-elsewhere");
    assert_eq!(custody.status(), "retiring");
    elsewhere(&["--destroyed-elsewhere"])
        .exits(2)
        .warns("You vouch that the keys of ams-dz001 for a")
        .warns("--yes");
    elsewhere(&["--destroyed-elsewhere", "--yes"])
        .exits(0)
        .says("on your word")
        .says("retiring → retired");
    // What this store holds is not registered any more, and goes with nothing to attest.
    assert_eq!(custody.differences(), ["in-store-only"]);
    let item = custody
        .run("destroy", &[DEVICE, "a", "--yes", "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["signature"]),
        (&json!("stored"), &json!(null))
    );
    assert_eq!(custody.list().len(), 0);
}

#[test]
fn devices_whose_codes_begin_alike_keep_their_keys_apart() {
    let custody = Custody::new();
    let pubkey = &custody.owner.pubkey;
    for (number, code) in ["abc", "abcd"].iter().enumerate() {
        let ip = format!("195.219.138.{}", 60 + number);
        let args = [
            "device",
            "create",
            code,
            "--contributor",
            "co01",
            "--location",
            "ams",
            "--type",
            "edge",
            "--public-ip",
            &ip,
            "--max-sessions",
            "1",
            "--agent",
            pubkey,
        ];
        custody.lab.ebb_as(&custody.owner, &args).exits(0);
        for path in ["a", "d"] {
            let args = [
                code,
                path,
                "--generate",
                "--owner",
                &custody.owner.path,
                "--identity",
                "identity.txt",
            ];
            custody.run("register", &args).exits(0);
        }
    }
    let retire = ["device", "retire", "abc", "abcd", "--yes"];
    custody.lab.ebb_as(&custody.owner, &retire).exits(0);
    custody.run("destroy", &["abc", "--all", "--yes"]).exits(0);
    let left = custody.list();
    assert_eq!(left.len(), 2);
    assert!(left
        .iter()
        .all(|key| key["device"] == "abcd" && key["differences"] == json!([])));
    custody.run("destroy", &["abcd", "a,d", "--yes"]).exits(3);
    custody
        .run("destroy", &["abcd", "d", "a", "d", "--yes"])
        .exits(0)
        .says("abcd: retiring → retired");
}

#[test]
fn a_new_device_of_the_same_code_takes_no_old_key() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    custody
        .run_on(
            "other",
            "destroy",
            &[DEVICE, "a", "--destroyed-elsewhere", "--yes"],
        )
        .exits(0);
    let remove = ["device", "remove", DEVICE, "--yes"];
    custody.lab.ebb_as(&custody.owner, &remove).exits(0);
    assert_eq!(
        custody.differences(),
        ["in-store-only", "earlier-registration"]
    );
    let create = [
        "device",
        "create",
        DEVICE,
        "--contributor",
        "co01",
        "--location",
        "ams",
        "--type",
        "edge",
        "--public-ip",
        "195.219.138.60",
        "--max-sessions",
        "1",
    ];
    custody.lab.ebb_as(&custody.owner, &create).exits(0);
    custody
        .register("a")
        .exits(1)
        .warns("the store holds a key for a of an earlier device ams-dz001");
    custody
        .run("destroy", &[DEVICE, "a", "--yes"])
        .exits(0)
        .says("it was not registered");
    custody.register("a").exits(0);
    assert_eq!(custody.differences(), [""; 0]);
}
