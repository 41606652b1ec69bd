//! `ebb init` and `ebb registry`

use {crate::lab::Lab, serde_json::json};

pub const VERBS: [&str; 6] = [
    "init",
    "registry-get",
    "registry-set-policy",
    "registry-set-oracle",
    "registry-nominate",
    "registry-accept",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_is_made_changed_and_handed_over() {
    let lab = Lab::new().await;
    let first = &lab.authority;
    let (next, oracle) = (lab.user().await, lab.user().await);

    next.is_refused("init", "NotUpgradeAuthority").await;
    first.changes("init").await;
    first.changes_nothing("init").await;
    let registry = first.json("registry get").await;
    assert_eq!(registry["program_id"], lab.program_id.to_string());
    assert_eq!(registry["authority"], first.key);
    assert_eq!(registry["health_oracle"], first.key);
    assert_eq!(registry["require_healthy"], false);

    let set_policy = "registry set-policy --require-healthy true";
    next.is_refused(set_policy, "Unauthorized").await;
    let policy = first.changes(set_policy).await;
    assert_eq!(
        (&policy["from"], &policy["to"]),
        (&json!("false"), &json!("true"))
    );
    first.changes_nothing(set_policy).await;
    let set_oracle = format!("registry set-oracle {}", oracle.key);
    first.changes(&set_oracle).await;

    next.is_refused("registry accept", "NotNominee").await;
    let nominate = format!("registry nominate {}", next.key);
    first.changes(&nominate).await;
    let registry = first.json("registry get").await;
    assert_eq!(registry["nominee"], next.key);
    next.changes("registry accept").await;
    first.is_refused(&nominate, "Unauthorized").await;

    let registry = first.json("registry show").await;
    assert_eq!(registry["authority"], next.key);
    assert_eq!(registry["nominee"], json!(null));
    assert_eq!(registry["health_oracle"], oracle.key);
    assert_eq!(registry["require_healthy"], true);
    // One for each that was accepted; the first made it.
    assert_eq!(registry["sequence"], 5);
    lab.ran(&VERBS).await;
}
