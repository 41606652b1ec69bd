//! `ebb session`

use {crate::lab::Lab, serde_json::json};

pub const VERBS: [&str; 3] = ["session-open", "session-close", "session-list"];

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_opened_and_closed_by_the_agent() {
    let (lab, owner) = Lab::with_contributor().await;
    for code in ["ams-dz001", "ams-dz002"] {
        lab.device(&owner, "co01", code).await;
    }
    let here = owner.opens("ams-dz001", 2).await;
    let there = owner.opens("ams-dz002", 1).await;
    let open = format!("session open ams-dz001 --user {}", here[0]);
    owner.changes_nothing(&open).await;
    let other = format!("session open ams-dz001 --user {}", there[0]);
    lab.authority.is_refused(&other, "NotAgent").await;

    let list = owner.json("session list").await;
    assert_eq!(list["sessions"].as_array().expect("a list").len(), 3);
    let list = owner.json("session list ams-dz002").await;
    let sessions = list["sessions"].as_array().expect("a list");
    assert_eq!(sessions.len(), 1, "{list}");
    assert_eq!(sessions[0]["user"], there[0]);
    assert_eq!(sessions[0]["payer"], owner.key);

    // Until the deadline of a drain has passed, nobody else cuts a user off.
    let close = format!("session close ams-dz001 --user {}", here[0]);
    lab.authority.is_refused(&close, "NotEvictable").await;
    owner.changes(&close).await;
    owner.changes_nothing(&close).await;
    let device = owner.device("ams-dz001").await;
    assert_eq!(
        (&device["sessions"], &device["sequence"]),
        (&json!(1), &json!(5))
    );
    lab.ran(&VERBS).await;
}
