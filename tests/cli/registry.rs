//! `ebb init` and `ebb registry`

use {crate::support::Lab, serde_json::json};

#[test]
fn init_makes_the_registry_once() {
    let lab = Lab::new();
    lab.ebb(&["init"]).exits(0).says("created the registry");
    lab.ebb(&["init"]).exits(0).says("exists already");
    let again = lab.ebb(&["init", "--output", "json"]).exits(0).item();
    assert_eq!(again["changed"], false);
    assert_eq!(again["signature"], json!(null));
}

#[test]
fn init_takes_authority_oracle_and_policy() {
    let lab = Lab::new();
    let (authority, oracle) = (lab.key("authority"), lab.key("oracle"));
    let args = [
        "init",
        "--authority",
        &authority.pubkey,
        "--health-oracle",
        &oracle.pubkey,
        "--require-healthy",
    ];
    let item = lab
        .ebb(&[&args[..], &["--output", "json-compact"]].concat())
        .exits(0)
        .item();
    assert_eq!(item["code"], "registry");
    assert_eq!(item["action"], "init");
    assert_eq!(item["changed"], true);
    assert_eq!(item["error"], json!(null));
    assert!(item["signature"].is_string());
    let registry = lab
        .ebb(&["registry", "get", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(registry["authority"], authority.pubkey);
    assert_eq!(registry["health_oracle"], oracle.pubkey);
    assert_eq!(registry["require_healthy"], true);
    assert_eq!(registry["nominee"], json!(null));

    let differs = lab.ebb(&["init", "--output", "json"]).exits(4).item();
    assert_eq!(differs["error"]["name"], "AlreadyExists");
    assert_eq!(differs["error"]["code"], 6009);
    assert_eq!(differs["error"]["kind"], "refused");
    lab.ebb(&["init"])
        .exits(4)
        .says_nothing()
        .warns(&authority.pubkey)
        .warns("hint: ");
}

#[test]
fn init_is_for_the_upgrade_authority() {
    let lab = Lab::new();
    let other = lab.key("other");
    lab.ebb_as(&other, &["init"])
        .exits(4)
        .warns("only the program's upgrade authority")
        .warns(&other.pubkey);
}

#[test]
fn no_registry_is_not_found() {
    let lab = Lab::without_registry();
    lab.ebb(&["registry", "get"])
        .exits(3)
        .says_nothing()
        .warns("has no registry here yet")
        .warns("ebb init");
    // Where there is none, nothing else is absent.
    for args in [
        &["contributor", "list"][..],
        &["device", "list"],
        &["session", "list"],
        &["device", "get", "ams-dz001"],
        &["location", "get", "ams"],
    ] {
        lab.ebb(args).exits(3).says_nothing().warns("ebb init");
    }
    let error = lab
        .ebb(&["registry", "get", "--output", "json"])
        .exits(3)
        .says_nothing()
        .error();
    assert_eq!(error["kind"], "not-found");
    assert_eq!(error["code"], json!(null));
}

#[test]
fn get_shows_it_in_every_form() {
    let lab = Lab::initialized();
    for verb in ["get", "show"] {
        lab.ebb(&["registry", verb])
            .exits(0)
            .says("Authority")
            .says("Require healthy  false");
    }
    let pretty = lab.ebb(&["registry", "get", "--output", "json"]).exits(0);
    let compact = lab
        .ebb(&["registry", "get", "--output", "json-compact"])
        .exits(0);
    assert_eq!(pretty.json(), compact.json());
    assert_eq!(compact.stdout.lines().count(), 1);
    assert!(pretty.stdout.starts_with("{\n  \"schema_version\": 1,\n"));
}

#[test]
fn policy_is_set_once() {
    let lab = Lab::initialized();
    let set = [
        "registry",
        "set-policy",
        "--require-healthy",
        "true",
        "--output",
        "json",
    ];
    let item = lab.ebb(&set).exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"], &item["changed"]),
        (&json!("false"), &json!("true"), &json!(true))
    );
    let item = lab.ebb(&set).exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"], &item["changed"]),
        (&json!("true"), &json!("true"), &json!(false))
    );
    lab.ebb(&["registry", "set-policy", "--require-healthy", "false"])
        .exits(0)
        .says("to false");
    lab.ebb(&["registry", "set-policy"])
        .exits(2)
        .warns("--require-healthy");
    lab.ebb(&["registry", "set-policy", "--require-healthy", "maybe"])
        .exits(2)
        .warns("maybe");
}

#[test]
fn only_the_authority_sets() {
    let lab = Lab::initialized();
    let other = lab.key("other");
    for args in [
        &["registry", "set-policy", "--require-healthy", "true"][..],
        &["registry", "set-oracle", &other.pubkey],
        &["registry", "nominate", &other.pubkey],
    ] {
        let item = lab
            .ebb_as(&other, &[args, &["--output", "json"]].concat())
            .exits(4)
            .item();
        assert_eq!(item["error"]["name"], "Unauthorized");
        lab.ebb_as(&other, args)
            .exits(4)
            .warns("requires the authority")
            .warns("--keypair");
    }
}

#[test]
fn oracle_is_set_once() {
    let lab = Lab::initialized();
    let oracle = lab.key("oracle");
    lab.ebb(&["registry", "set-oracle", &oracle.pubkey])
        .exits(0)
        .says("set the health oracle");
    lab.ebb(&["registry", "set-oracle", &oracle.pubkey])
        .exits(0)
        .says("already");
    lab.ebb(&["registry", "set-oracle", "nobody"])
        .exits(2)
        .warns("base58");
    lab.ebb(&["registry", "set-oracle", "11111111111111111111111111111111"])
        .exits(2)
        .warns("zero key");
}

#[test]
fn authority_changes_hands_in_two_steps() {
    let lab = Lab::initialized();
    let (first, next) = (lab.key("first"), lab.key("next"));
    lab.ebb_as(&next, &["registry", "accept"])
        .exits(4)
        .warns("has no nominee");
    lab.ebb(&["registry", "nominate", &first.pubkey])
        .exits(0)
        .says("is now the nominee");
    lab.ebb(&["registry", "nominate", &first.pubkey])
        .exits(0)
        .says("already");
    lab.ebb(&["registry", "nominate", &next.pubkey]).exits(0);
    lab.ebb_as(&first, &["registry", "accept"])
        .exits(4)
        .warns(&next.pubkey);
    lab.ebb_as(&next, &["registry", "accept"])
        .exits(0)
        .says("is now the authority");
    lab.ebb_as(&next, &["registry", "accept"])
        .exits(0)
        .says("already");
    let registry = lab.ebb(&["registry", "get", "--output", "json"]).json();
    assert_eq!(registry["authority"], next.pubkey);
    assert_eq!(registry["nominee"], json!(null));
}

#[test]
fn a_nomination_is_taken_back() {
    let lab = Lab::initialized();
    let next = lab.key("next");
    lab.ebb(&["registry", "nominate", "--clear"])
        .exits(0)
        .says("already");
    lab.ebb(&["registry", "nominate", &next.pubkey]).exits(0);
    let item = lab
        .ebb(&["registry", "nominate", "--clear", "--output", "json"])
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!(next.pubkey), &json!(null))
    );
    lab.ebb_as(&next, &["registry", "accept"]).exits(4);
    lab.ebb(&["registry", "nominate"]).exits(2);
    lab.ebb(&["registry", "nominate", &next.pubkey, "--clear"])
        .exits(2);
}
