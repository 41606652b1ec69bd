//! Evictions that are asked for by themselves.

use {
    crate::network::{results, Fate, Network},
    ebb_sdk::{
        fleet::{DrainOptions, RunEvent, RunOptions},
        state::{Health, ProvisioningStatus},
    },
    std::sync::atomic::Ordering,
};

#[tokio::test]
async fn only_what_may_be_evicted_is() {
    let network = Network::new(3).await;
    for (number, user) in [(0, 1), (0, 2), (1, 3)] {
        network.send(network.open(number, user)).await;
    }
    let drain = |seconds, found| {
        let options = DrainOptions::default().with_deadline(seconds);
        let plan = network.fleet.plan_drain(found, &options).unwrap();
        network.fleet.drain(plan, RunOptions::default()).finish()
    };
    let mut found = network.found().await;
    found.truncate(2);
    let late = found.split_off(1);
    drain(60, found).await.unwrap();
    drain(3_600, late).await.unwrap();
    network.ledger.ledger.advance(61).unwrap();

    let run = network.fleet.evict(network.found().await).unwrap();
    let reports = run.finish().await.unwrap();
    assert_eq!(
        results(&reports),
        ["unchanged", "unchanged", "NotEvictable"]
    );
    let left = |row: usize| {
        let progress = &reports[row].drain.as_ref().unwrap().progress;
        assert_eq!(reports[row].head(), Some(progress.last()));
        (progress.tally().evicted, progress.last().sessions)
    };
    assert_eq!((left(0), left(1)), ((2, 0), (0, 1)));
    assert_eq!(
        reports[2].head(),
        Some(reports[2].last.as_ref().unwrap().head())
    );
}

#[tokio::test]
async fn sessions_of_several_devices_go_in_one_transaction() {
    let network = Network::new(2).await;
    for number in 0..2 {
        network.send(network.open(number, 1)).await;
    }
    let options = DrainOptions::default().with_deadline(60);
    let plan = network.fleet.plan_drain(network.found().await, &options);
    let run = network.fleet.drain(plan.unwrap(), RunOptions::default());
    run.finish().await.unwrap();
    network.ledger.ledger.advance(61).unwrap();

    network.ledger.sends.store(0, Ordering::Relaxed);
    let run = network.fleet.evict(network.found().await).unwrap();
    let reports = run.finish().await.unwrap();
    let evicted = reports.iter().map(|report| {
        let progress = &report.drain.as_ref().unwrap().progress;
        (progress.tally().evicted, progress.in_flight())
    });
    assert_eq!(evicted.collect::<Vec<_>>(), [(1, 0), (1, 0)]);
    assert_eq!(network.sends(), 1);
}

#[tokio::test]
async fn a_dead_device_needs_no_drain() {
    let network = Network::new(3).await;
    for number in 0..3 {
        network.send(network.open(number, 1)).await;
    }
    // Neither keeps anybody from an eviction.
    network.hold(0).await;
    network.budget(3).await;
    network.send(network.report(0, Health::Dead)).await;
    network.ledger.ledger.advance(60).unwrap();
    network.send(network.report(1, Health::Dead)).await;

    let mut run = network.fleet.evict(network.found().await).unwrap();
    let mut evicted = vec![];
    while let Some(event) = run.next_event().await.unwrap() {
        if let RunEvent::Evicted {
            device, sessions, ..
        } = event
        {
            evicted.push((device.row, sessions));
        }
    }
    assert_eq!(evicted, [(0, 1)]);
    let reports = run.reports().all();
    assert_eq!(
        results(&reports),
        ["unchanged", "DeathUnconfirmed", "NotEvictable"]
    );
    let heads = reports.iter().map(|report| report.head().unwrap());
    let left = heads.map(|head| (head.provisioning_status, head.sessions));
    let activated = ProvisioningStatus::Activated;
    assert_eq!(
        left.collect::<Vec<_>>(),
        [(activated, 0), (activated, 1), (activated, 1)]
    );
}

#[tokio::test]
async fn a_dead_device_of_which_an_eviction_is_lost_is_not_as_asked() {
    let network = Network::new(1).await;
    network.send(network.open(0, 1)).await;
    network.send(network.report(0, Health::Dead)).await;
    network.ledger.ledger.advance(60).unwrap();
    network.lose(&[Fate::Dropped; 3]);
    let run = network.fleet.evict(network.found().await).unwrap();
    let reports = run.finish().await.unwrap();
    assert!(reports[0].failure.as_ref().unwrap().is_lost());
    assert_eq!(reports[0].head().unwrap().sessions, 1);
    // Nothing keeps the next from it.
    let run = network.fleet.evict(network.found().await).unwrap();
    let reports = run.finish().await.unwrap();
    assert_eq!(results(&reports), ["unchanged"]);
    assert_eq!(reports[0].head().unwrap().sessions, 0);
}
