//! `ebb ledger`

use {crate::support::Lab, serde_json::json, std::fs};

#[test]
fn info_prints_where_and_what() {
    let lab = Lab::initialized();
    let info = lab
        .ebb(&["ledger", "info", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(info["dir"], json!(lab.ledger().to_str().unwrap()));
    assert_eq!(info["program_id"], ebb_sdk::ID.to_string());
    assert_eq!(
        (&info["accounts"], &info["transactions"]),
        (&json!(1), &json!(1))
    );
    lab.ebb(&["ledger", "info"])
        .exits(0)
        .says("Default key")
        .says("Transactions");
}

#[test]
fn airdrop_gives_lamports() {
    let lab = Lab::new();
    let user = lab.key("user");
    let item = lab
        .ebb(&["ledger", "airdrop", "0.5", &user.pubkey, "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["code"], &item["to"]),
        (&json!(user.pubkey), &json!("500000000 lamports"))
    );
    assert!(item["signature"].is_string());
    lab.ebb_as(&user, &["ledger", "airdrop", "1"])
        .exits(0)
        .says(&user.pubkey);
    lab.ebb(&["ledger", "airdrop", "none"])
        .exits(2)
        .warns("as in 0.5");
}

#[test]
fn reset_needs_a_yes_and_makes_room() {
    let lab = Lab::initialized();
    lab.ebb(&["ledger", "reset"])
        .exits(2)
        .says_nothing()
        .warns("will be gone")
        .warns("--yes");
    lab.ebb(&["registry", "get"]).exits(0);
    let item = lab
        .ebb(&["ledger", "reset", "--yes", "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["changed"], &item["signature"]),
        (&json!(true), &json!(null))
    );
    lab.ebb(&["ledger", "reset", "--yes"])
        .exits(0)
        .says("there is no ledger");
    lab.ebb(&["registry", "get"])
        .exits(2)
        .warns("there is no ledger in ");
    lab.ebb(&["init"]).exits(0);
}

#[test]
fn a_damaged_ledger_is_reported_and_can_be_discarded() {
    let lab = Lab::initialized();
    fs::write(lab.ledger().join("state"), "x").unwrap();
    lab.ebb(&["registry", "get"])
        .exits(1)
        .says_nothing()
        .warns("is damaged")
        .warns("ebb ledger reset");
    lab.ebb(&["ledger", "reset", "--yes"]).exits(0);
    lab.ebb(&["init"]).exits(0);
}

#[test]
fn someone_elses_folder_is_left_alone() {
    let lab = Lab::new();
    lab.file("precious.txt", "x");
    let url = format!("embedded:{}", lab.path().display());
    for args in [&["ledger", "info"][..], &["ledger", "reset", "--yes"]] {
        lab.bare(&[&["--url", &url], args].concat())
            .exits(2)
            .warns("is no Ebb ledger");
    }
    assert_eq!(
        fs::read_to_string(lab.path().join("precious.txt")).unwrap(),
        "x"
    );
}

#[test]
fn a_cluster_has_no_such_verbs() {
    let lab = Lab::new();
    for args in [
        &["ledger", "info"][..],
        &["ledger", "airdrop", "1"],
        &["ledger", "reset", "--yes"],
    ] {
        lab.bare(&[&["--url", "http://127.0.0.1:1"], args].concat())
            .exits(2)
            .warns("--url embedded");
    }
}

#[test]
fn the_default_folder_is_named_by_the_environment_or_the_user() {
    let lab = Lab::new();
    let dir = lab.path().join("named");
    for verb in [&["init"][..], &["ledger", "info"]] {
        let named = lab.with(|command| {
            command
                .args(["--url", "embedded"])
                .args(verb)
                .env("EBB_DIR", &dir)
        });
        named.exits(0);
    }
    assert!(dir.join("state").exists());
    lab.bare(&["--url", "embedded", "init"]).exits(0);
    lab.bare(&["--url", "embedded", "ledger", "info"])
        .exits(0)
        .says(lab.path().to_str().unwrap());
}

#[test]
fn an_embedded_ledger_has_its_program() {
    let lab = Lab::new();
    let item = lab
        .ebb(&["program", "deploy", "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["changed"], &item["to"]),
        (&false.into(), &"deployed".into())
    );
}

/// Every verb but those that a ledger begins with, with arguments that suffice to open one.
const NOT_FIRST: [&str; 35] = [
    "ledger info",
    "program show",
    "registry get",
    "registry set-policy --require-healthy true",
    "registry set-oracle KEY",
    "registry nominate KEY",
    "registry accept",
    "contributor create co01 --authority KEY",
    "contributor list",
    "contributor get co01",
    "contributor suspend co01 --yes",
    "contributor resume co01",
    "contributor set-operator co01 KEY",
    "contributor nominate co01 KEY",
    "contributor accept co01",
    "location create ams --name A --country NL --lat 1 --lng 1",
    "location list",
    "location get ams",
    "location set-budget ams --min-activated 1",
    "device create a --contributor c --location l --type edge --public-ip 195.219.138.50 --max-sessions 1",
    "device list",
    "device get a",
    "device drain a --dry-run",
    "device drain a --yes",
    "device undrain a",
    "device retire a --yes",
    "device remove a --yes",
    "device report-health a healthy",
    "device hold a --kind pending-task --for 1h",
    "device release a",
    "session list",
    "session open a --user KEY",
    "session close a --user KEY",
    "disk-key list",
    "disk-key reassign a data --custodian KEY",
];

#[test]
fn a_mistyped_folder_gets_no_ledger() {
    let lab = Lab::new();
    let user = lab.key("user").pubkey;
    fs::create_dir(lab.path().join("empty")).unwrap();
    for dir in ["ledgr", "empty", "a/b"] {
        let url = format!("embedded:{dir}");
        for verb in NOT_FIRST {
            let verb = verb.replace("KEY", &user);
            let args: Vec<&str> = verb.split(' ').collect();
            lab.bare(&[&["--url", &url], &args[..]].concat())
                .exits(2)
                .says_nothing()
                .warns(&format!("there is no ledger in {dir}\n"))
                .warns(&format!("make one there: ebb --url embedded:{dir} init"));
        }
    }
    lab.bare(&["--url", "embedded:user.json", "device", "list"])
        .exits(2)
        .says_nothing()
        .warns("cannot use user.json: it is not a folder");
    let mut left: Vec<_> = fs::read_dir(lab.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["empty", "user.json"]);
    assert_eq!(fs::read_dir(lab.path().join("empty")).unwrap().count(), 0);
}

#[test]
fn a_ledger_of_a_like_name_is_named() {
    let lab = Lab::initialized();
    fs::create_dir(lab.path().join("ledgers")).unwrap();
    lab.bare(&["--url", "embedded:ledgre", "device", "list"])
        .exits(2)
        .warns("hint: there is one in ledger: --url embedded:ledger\n")
        .warns("hint: make one there");
    let near = format!("embedded:{}", lab.path().join("ledgre").display());
    let error = lab
        .bare(&["--url", &near, "device", "list", "--output", "json"])
        .exits(2)
        .error();
    assert_eq!(
        (&error["kind"], &error["name"]),
        (&json!("usage"), &json!("EmbeddedLedger"))
    );
}

#[test]
fn a_ledger_that_lost_its_state_is_damaged_and_not_absent() {
    let lab = Lab::initialized();
    fs::remove_file(lab.ledger().join("state")).unwrap();
    for verb in [&["registry", "get"][..], &["init"]] {
        lab.ebb(verb)
            .exits(1)
            .warns("state is damaged: it is missing");
    }
}
