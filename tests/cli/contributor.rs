//! `ebb contributor`

use {
    crate::support::{Key, Lab},
    serde_json::json,
};

fn lab() -> (Lab, Key) {
    let lab = Lab::initialized();
    let owner = lab.key("owner");
    lab.ebb(&[
        "contributor",
        "create",
        "co01",
        "--authority",
        &owner.pubkey,
    ])
    .exits(0)
    .says("co01: created");
    (lab, owner)
}

#[test]
fn create_is_idempotent_and_does_not_change_hands() {
    let (lab, owner) = lab();
    let other = lab.key("other");
    let item = lab
        .ebb(&[
            "contributor",
            "create",
            "co01",
            "--authority",
            &owner.pubkey,
            "--output",
            "json",
        ])
        .exits(0)
        .item();
    assert_eq!(
        (&item["code"], &item["changed"]),
        (&json!("co01"), &json!(false))
    );
    lab.ebb(&[
        "contributor",
        "create",
        "co01",
        "--authority",
        &other.pubkey,
    ])
    .exits(4)
    .warns(&owner.pubkey)
    .warns("ebb contributor nominate co01");
}

#[test]
fn create_refuses_bad_values_and_strangers() {
    let (lab, owner) = lab();
    lab.ebb(&["contributor", "create", "CO", "--authority", &owner.pubkey])
        .exits(2)
        .warns("as in ams-dz001");
    lab.ebb(&["contributor", "create", "co02"])
        .exits(2)
        .warns("--authority");
    lab.ebb(&["contributor", "create", "co02", "--authority", "x"])
        .exits(2)
        .warns("base58");
    lab.ebb_as(
        &owner,
        &[
            "contributor",
            "create",
            "co02",
            "--authority",
            &owner.pubkey,
        ],
    )
    .exits(4)
    .warns("requires the authority");
    Lab::without_registry()
        .ebb(&[
            "contributor",
            "create",
            "co02",
            "--authority",
            &owner.pubkey,
        ])
        .exits(3)
        .warns("ebb init");
}

#[test]
fn get_takes_code_or_address() {
    let (lab, owner) = lab();
    lab.ebb(&["contributor", "get", "co01"])
        .exits(0)
        .says("Standing       active")
        .says(&owner.pubkey);
    let by_code = lab
        .ebb(&["contributor", "show", "co01", "--output", "json"])
        .exits(0)
        .json();
    let address = by_code["address"].as_str().unwrap();
    let by_address = lab
        .ebb(&["contributor", "get", address, "--output", "json-compact"])
        .exits(0)
        .json();
    assert_eq!(by_code, by_address);
    assert_eq!(by_code["authority"], owner.pubkey);
    assert_eq!(by_code["operator"], json!(null));
    assert_eq!(by_code["suspended"], false);
    assert_eq!(by_code["devices"], 0);
}

#[test]
fn an_absent_one_is_not_found_and_near_ones_are_named() {
    let (lab, owner) = lab();
    for verb in ["get", "suspend", "resume", "accept"] {
        lab.ebb(&["contributor", verb, "co02"])
            .exits(3)
            .warns("there is no contributor co02")
            .warns("co01");
    }
    lab.ebb(&["contributor", "get", &owner.pubkey])
        .exits(3)
        .warns("there is no contributor");
    let registry = lab.ebb(&["registry", "get", "--output", "json"]).json();
    lab.ebb(&["contributor", "get", registry["address"].as_str().unwrap()])
        .exits(3)
        .warns("is no contributor");
    let item = lab
        .ebb(&["contributor", "suspend", "co02", "--output", "json"])
        .exits(3)
        .item();
    assert_eq!(item["error"]["kind"], "not-found");
}

#[test]
fn list_is_sorted_by_code() {
    let (lab, owner) = lab();
    for code in ["co10", "co00"] {
        lab.ebb(&["contributor", "create", code, "--authority", &owner.pubkey])
            .exits(0);
    }
    let list = lab
        .ebb(&["contributor", "ls", "--output", "json"])
        .exits(0)
        .json();
    let codes: Vec<_> = list["contributors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["co00", "co01", "co10"]);
    assert!(list["contributors"][0].get("schema_version").is_none());
    let table = lab
        .ebb(&["contributor", "list"])
        .exits(0)
        .says("CODE")
        .says("co10");
    assert!(
        table.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        table.stdout
    );
}

#[test]
fn an_empty_list_is_no_failure() {
    let lab = Lab::initialized();
    lab.ebb(&["contributor", "list"])
        .exits(0)
        .says_nothing()
        .warns("no contributors");
    let list = lab
        .ebb(&["contributor", "list", "--output", "json-compact"])
        .exits(0);
    assert_eq!(
        list.stdout.trim(),
        r#"{"schema_version":1,"contributors":[]}"#
    );
}

#[test]
fn suspension_needs_a_yes_and_ends() {
    let (lab, owner) = lab();
    lab.ebb(&["contributor", "suspend", "co01"])
        .exits(2)
        .warns("--yes")
        .warns("drain and retire");
    let item = lab
        .ebb(&[
            "contributor",
            "suspend",
            "co01",
            "--yes",
            "--output",
            "json",
        ])
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!("active"), &json!("suspended"))
    );
    lab.ebb(&["contributor", "suspend", "co01"])
        .exits(0)
        .says("suspended already");
    lab.ebb(&["contributor", "list"]).exits(0).says("suspended");
    lab.ebb_as(&owner, &["contributor", "resume", "co01"])
        .exits(4)
        .warns("requires the authority");
    lab.ebb(&["contributor", "resume", "co01"])
        .exits(0)
        .says("resumed");
    lab.ebb(&["contributor", "resume", "co01"])
        .exits(0)
        .says("is not suspended");
    lab.ebb_as(&owner, &["contributor", "suspend", "co01", "--yes"])
        .exits(4);
}

#[test]
fn the_operator_is_the_contributors_to_set() {
    let (lab, owner) = lab();
    let operator = lab.key("operator");
    lab.ebb(&["contributor", "set-operator", "co01", &operator.pubkey])
        .exits(4)
        .warns("requires contributor co01's authority");
    lab.ebb_as(
        &owner,
        &["contributor", "set-operator", "co01", &operator.pubkey],
    )
    .exits(0)
    .says("is now the operator");
    lab.ebb_as(
        &owner,
        &["contributor", "set-operator", "co01", &operator.pubkey],
    )
    .exits(0)
    .says("already");
    assert_eq!(
        lab.ebb(&["contributor", "get", "co01", "--output", "json"])
            .json()["operator"],
        operator.pubkey
    );
    lab.ebb_as(&owner, &["contributor", "set-operator", "co01", "--clear"])
        .exits(0)
        .says("no operator any more");
    lab.ebb_as(&owner, &["contributor", "set-operator", "co01", "--clear"])
        .exits(0)
        .says("already");
    lab.ebb_as(&owner, &["contributor", "set-operator", "co01"])
        .exits(2);
}

#[test]
fn authority_changes_hands_in_two_steps_even_while_suspended() {
    let (lab, owner) = lab();
    let (next, stranger) = (lab.key("next"), lab.key("stranger"));
    lab.ebb_as(
        &stranger,
        &["contributor", "nominate", "co01", &stranger.pubkey],
    )
    .exits(4)
    .warns("contributor co01's authority")
    .warns(&owner.pubkey);
    lab.ebb_as(
        &owner,
        &["contributor", "nominate", "co01", &stranger.pubkey],
    )
    .exits(0);
    lab.ebb_as(&owner, &["contributor", "nominate", "co01", &next.pubkey])
        .exits(0)
        .says("is now the nominee");
    lab.ebb_as(&owner, &["contributor", "nominate", "co01", &next.pubkey])
        .exits(0)
        .says("already");
    lab.ebb(&["contributor", "suspend", "co01", "--yes"])
        .exits(0);
    lab.ebb_as(&stranger, &["contributor", "accept", "co01"])
        .exits(4)
        .warns(&next.pubkey);
    let item = lab
        .ebb_as(
            &next,
            &["contributor", "accept", "co01", "--output", "json"],
        )
        .exits(0)
        .item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!(owner.pubkey), &json!(next.pubkey))
    );
    lab.ebb_as(&next, &["contributor", "accept", "co01"])
        .exits(0)
        .says("already");
    lab.ebb_as(&owner, &["contributor", "accept", "co01"])
        .exits(4);
}

#[test]
fn the_authority_nominates_for_a_contributor_that_lost_its_key() {
    let (lab, _) = lab();
    let next = lab.key("next");
    lab.ebb(&["contributor", "nominate", "co01", &next.pubkey])
        .exits(0);
    lab.ebb(&["contributor", "nominate", "co01", "--clear"])
        .exits(0)
        .says("no nominee any more");
    lab.ebb_as(&next, &["contributor", "accept", "co01"])
        .exits(4)
        .warns("has no nominee");
}

#[test]
fn a_contributor_whose_key_was_stolen_is_rescued() {
    let lab = Lab::initialized();
    let (stolen, next, operator) = (lab.key("stolen"), lab.key("next"), lab.key("operator"));
    let verb = |verb, key: &str| {
        ["contributor", verb, "co01", key]
            .map(str::to_owned)
            .to_vec()
    };
    let ebb = |args: &[String]| lab.ebb(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let as_thief = |args: &[String]| {
        lab.ebb_as(
            &stolen,
            &args.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    lab.ebb(&[
        "contributor",
        "create",
        "co01",
        "--authority",
        &stolen.pubkey,
    ])
    .exits(0);
    as_thief(&verb("set-operator", &operator.pubkey)).exits(0);
    lab.ebb(&["contributor", "suspend", "co01", "--yes"])
        .exits(0);
    as_thief(&verb("nominate", &operator.pubkey))
        .exits(4)
        .warns("the contributor is suspended")
        .warns("the authority may nominate for it");
    ebb(&verb("nominate", &next.pubkey)).exits(0);
    lab.ebb_as(&next, &["contributor", "accept", "co01"])
        .exits(0)
        .warns(&format!(
            "co01 has no operator any more, as {} was the old authority's",
            operator.pubkey
        ));
    lab.ebb(&["contributor", "resume", "co01"]).exits(0);
    let found = lab
        .ebb(&["contributor", "get", "co01", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(found["authority"], next.pubkey.as_str());
    assert_eq!(found["operator"], serde_json::Value::Null);
}
