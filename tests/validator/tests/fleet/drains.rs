//! Draining all at once: what is refused, and that each device moves once.

use crate::fleet::{drain, moved, results, Fleet};

const DEVICES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn holds_and_the_budget_refuse_some_and_the_others_drain() {
    let fleet = Fleet::new(DEVICES).await;
    fleet.hold("a-07").await;
    fleet.hold("a-31").await;
    fleet.budget(10).await;
    let before = fleet.list(&[]).await;

    let first = fleet.owner.run(&drain("co01", &["--parallel", "4"])).await;
    assert_eq!(first.code, Some(4), "{first:#?}");
    let reported = results(&first);
    let refused = |name: &str| reported.values().filter(|(error, _)| error == name).count();
    assert_eq!(reported.len(), DEVICES);
    assert_eq!((refused("LiveHold"), refused("BudgetExceeded")), (2, 8));
    let after = fleet.list(&[]).await;
    for (code, moved) in moved(&before, &after) {
        assert_eq!(reported[&code].1, moved == 1, "{code}: {reported:?}");
        assert!(moved <= 1, "{code} moved {moved} times");
    }
    assert_eq!(fleet.list(&["--status", "activated"]).await.len(), 10);

    // Run again it goes on where it was.
    fleet.budget(2).await;
    let second = fleet.owner.run(&drain("co01", &[])).await;
    assert_eq!(second.code, Some(4), "{second:#?}");
    let left = fleet.list(&["--status", "activated"]).await;
    assert_eq!(left.keys().collect::<Vec<_>>(), ["a-07", "a-31"]);
    for code in ["a-07", "a-31"] {
        fleet.owner.json(&["device", "release", code]).await;
    }
    fleet.budget(0).await;
    let third = fleet.owner.run(&drain("co01", &[])).await;
    assert_eq!(third.code, Some(0), "{third:#?}");
    assert_eq!(fleet.list(&["--status", "draining"]).await.len(), DEVICES);
    let changed = results(&third).into_iter().filter(|(_, result)| result.1);
    assert_eq!(changed.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_contributors_share_a_budget() {
    let fleet = Fleet::new(20).await;
    let other = fleet.contributor("co02", "b", 20).await;
    fleet.budget(12).await;
    let before = fleet.list(&[]).await;

    let (mine, theirs) = (drain("co01", &[]), drain("co02", &[]));
    let (mine, theirs) = tokio::join!(fleet.owner.run(&mine), other.run(&theirs));
    let mut reported = results(&mine);
    reported.extend(results(&theirs));
    assert_eq!(reported.len(), 40);
    assert!([&mine, &theirs].iter().any(|run| run.code == Some(4)));

    let after = fleet.list(&[]).await;
    for (code, moved) in moved(&before, &after) {
        let (error, changed) = &reported[&code];
        assert_eq!(u64::from(*changed), moved, "{code}");
        let right = if *changed { "" } else { "BudgetExceeded" };
        assert_eq!(error, right, "{code}");
    }
    assert_eq!(fleet.list(&["--status", "activated"]).await.len(), 12);

    // Neither drains a device of the other's.
    let wrong = fleet
        .owner
        .run(&drain("co02", &["--status", "activated"]))
        .await;
    let codes = results(&theirs);
    let activated = codes.values().any(|(_, changed)| !changed);
    assert_eq!(
        wrong.code,
        Some(if activated { 4 } else { 0 }),
        "{wrong:#?}"
    );
    assert_eq!(fleet.list(&[]).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_drain_the_same_devices_at_once() {
    let fleet = Fleet::new(DEVICES).await;
    let before = fleet.list(&[]).await;
    let arguments = drain("co01", &["--parallel", "8"]);
    let (one, two) = tokio::join!(fleet.owner.run(&arguments), fleet.authority.run(&arguments));
    assert_eq!(
        (one.code, two.code),
        (Some(0), Some(0)),
        "{one:#?} {two:#?}"
    );
    let (one, two) = (results(&one), results(&two));
    let after = fleet.list(&[]).await;
    for (code, moved) in moved(&before, &after) {
        assert_eq!(moved, 1, "{code}");
        assert!(one[&code].1 != two[&code].1, "{code}: one of them did it");
    }
}
