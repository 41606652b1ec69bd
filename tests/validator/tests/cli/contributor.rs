//! `ebb contributor`

use {crate::lab::Lab, serde_json::json};

pub const VERBS: [&str; 8] = [
    "contributor-create",
    "contributor-list",
    "contributor-get",
    "contributor-suspend",
    "contributor-resume",
    "contributor-set-operator",
    "contributor-nominate",
    "contributor-accept",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_contributor_is_admitted_suspended_and_handed_over() {
    let (lab, owner) = Lab::with_contributor().await;
    let (next, operator) = (lab.user().await, lab.user().await);
    let again = format!("contributor create co01 --authority {}", owner.key);
    lab.authority.changes_nothing(&again).await;
    lab.contributor("co02").await;

    lab.authority
        .changes("contributor suspend co01 --yes")
        .await;
    let place = "--contributor co01 --location ams --type edge";
    let create =
        format!("device create ams-dz001 {place} --public-ip 195.219.138.50 --max-sessions 1");
    owner.is_refused(&create, "ContributorSuspended").await;
    owner
        .is_refused("contributor resume co01", "Unauthorized")
        .await;
    let suspended = owner.json("contributor get co01").await;
    assert_eq!(suspended["suspended"], true);
    lab.authority.changes("contributor resume co01").await;
    owner.changes(&create).await;

    let set_operator = format!("contributor set-operator co01 {}", operator.key);
    lab.authority
        .is_refused(&set_operator, "Unauthorized")
        .await;
    owner.changes(&set_operator).await;
    owner
        .changes(&format!("contributor nominate co01 {}", next.key))
        .await;
    operator
        .is_refused("contributor accept co01", "NotNominee")
        .await;
    next.changes("contributor accept co01").await;
    owner.is_refused(&set_operator, "Unauthorized").await;

    let list = owner.json("contributor list").await;
    let [one, two] = list["contributors"].as_array().expect("a list").as_slice() else {
        panic!("there are two: {list}");
    };
    assert_eq!(
        (&one["code"], &two["code"]),
        (&json!("co01"), &json!("co02"))
    );
    assert_eq!(one["authority"], next.key);
    // Who accepts clears the operator.
    assert_eq!(one["operator"], json!(null));
    assert_eq!(one["nominee"], json!(null));
    assert_eq!(one["suspended"], false);
    assert_eq!((&one["devices"], &two["devices"]), (&json!(1), &json!(0)));
    lab.ran(&VERBS).await;
}
