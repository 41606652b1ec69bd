//! `ebb program`

use {crate::support::Lab, serde_json::json};

#[test]
fn show_prints_the_build_and_who_upgrades_it() {
    let lab = Lab::without_registry();
    let key = lab.ebb(&["ledger", "info", "--output", "json"]).json()["default_key"].clone();
    for verb in ["show", "get"] {
        let program = lab
            .ebb(&["program", verb, "--output", "json"])
            .exits(0)
            .json();
        assert_eq!(program["program_id"], ebb_sdk::ID.to_string());
        assert_eq!(program["upgrade_authority"], key);
        assert_eq!(program["same_build"], json!(true));
        assert_eq!(program["sha256"], program["cli_sha256"]);
        assert_eq!(program["security_txt"]["name"], "Ebb");
    }
    lab.ebb(&["program", "show"])
        .exits(0)
        .says("Upgrade authority")
        .says("https://github.com/ebb-network/ebb/issues")
        .says("the one this ebb was made with");
}

#[test]
fn the_program_runs_at_any_address() {
    let lab = Lab::new();
    let key = lab.key("program");
    let at = ["--program-id", &key.pubkey];
    lab.ebb(&[&at[..], &["init"]].concat()).exits(0);
    lab.ebb(&[&at[..], &["program", "show"]].concat())
        .exits(0)
        .says(&key.pubkey);
    let registry = lab.with(|command| {
        command
            .args(["--url", &lab.url(), "registry", "get", "--output", "json"])
            .env("EBB_PROGRAM_ID", &key.pubkey)
    });
    assert_eq!(registry.exits(0).json()["program_id"], key.pubkey);
    lab.ebb(&["registry", "get", "--program-id", "x"])
        .exits(2)
        .warns("base58");
}
