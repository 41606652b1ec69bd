//! `ebb ledger`

use {crate::support::Lab, serde_json::json, std::fs};

#[test]
fn info_tells_where_and_what() {
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
    lab.ebb(&["registry", "get"]).exits(3);
}

#[test]
fn a_damaged_ledger_is_told_and_can_be_discarded() {
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
            .exits(1)
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
    lab.with(|command| {
        command
            .args(["--url", "embedded", "ledger", "info"])
            .env("EBB_DIR", &dir)
    })
    .exits(0)
    .says(dir.to_str().unwrap());
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
