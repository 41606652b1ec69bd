//! Drains that are waited for: one after another, changed while they run, and past their deadline.

use {
    crate::fleet::{drain, moved, results, Fleet},
    serde_json::Value,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_drain_waits_for_the_budget_and_goes_on() {
    const DEVICES: usize = 24;
    let fleet = Fleet::new(DEVICES).await;
    fleet.budget(4).await;
    fleet.hold("a-00").await;
    let before = fleet.list(&[]).await;

    let arguments = drain("co01", &["--rolling", "--max-parallel", "3"]);
    let mut rolling = fleet.owner.start(&arguments);
    rolling.says("nothing drains any more").await;
    let activated = fleet.list(&["--status", "activated"]).await;
    assert_eq!(activated.len(), 4, "{activated:?}");
    assert!(activated.contains_key("a-00"), "it has a hold");

    fleet.budget(0).await;
    fleet.owner.json(&["device", "release", "a-00"]).await;
    let run = rolling.end().await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(results(&run).values().all(|(_, changed)| *changed));
    let after = fleet.list(&[]).await;
    for (code, device) in &after {
        assert_eq!(device["drained"], true, "{code}");
    }
    for (code, moved) in moved(&before, &after) {
        // A hold that is placed and one that is released move a device too; the first was before.
        assert_eq!(moved, 1 + u64::from(code == "a-00"), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_is_changed_and_what_its_deadline_left_is_evicted() {
    let fleet = Fleet::new(24).await;
    for (code, sessions) in [("a-03", 3), ("a-11", 5), ("a-19", 1)] {
        fleet.open(code, sessions).await;
    }
    let slow = ["--deadline", "2h", "--reason", "rack power"];
    let run = fleet.owner.run(&drain("co01", &slow)).await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let draining = fleet.list(&["--status", "draining"]).await;
    assert_eq!(draining.len(), 24);

    let soon = ["--update", "--deadline", "60s"];
    let run = fleet.owner.run(&drain("co01", &soon)).await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let updated = fleet.list(&[]).await;
    for (code, moved) in moved(&draining, &updated) {
        assert_eq!(moved, 1, "{code}");
        let drain = &updated[&code]["drain"];
        assert_eq!(drain["reason"], "rack power", "{code}");
        assert_ne!(drain["deadline"], draining[&code]["drain"]["deadline"]);
    }

    // Before its deadline nobody is cut off.
    let early = ["--evict", "--timeout", "2s"];
    let run = fleet.owner.run(&drain("co01", &early)).await;
    assert_eq!(run.code, Some(5), "{run:#?}");
    assert_eq!(fleet.list(&[]).await["a-11"]["sessions"], 5);

    let run = fleet.owner.run(&drain("co01", &["--evict"])).await;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let json: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let evicted = json["results"].as_array().expect("there are results");
    let evicted = evicted
        .iter()
        .filter_map(|item| item["drain"]["evicted"].as_u64());
    assert_eq!(evicted.sum::<u64>(), 9, "{json}");
    for (code, device) in fleet.list(&[]).await {
        assert_eq!(device["drained"], true, "{code}");
    }
}
