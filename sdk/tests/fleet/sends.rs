//! What is sent again, and what is taken out of a transaction.

use {
    crate::network::{results, Fate, Network},
    ebb_sdk::{
        fleet::{DrainOptions, Fleet, FleetError, RowReport, RunOptions, TransactionState},
        lifecycle::Action,
    },
    solana_sdk::signature::Signature,
    std::sync::atomic::Ordering,
};

#[tokio::test]
async fn what_landed_unconfirmed_is_found_and_not_sent_again() {
    let network = Network::new(2).await;
    network.lose(&[Fate::Unconfirmed]);
    assert_eq!(
        results(&network.drain(2).await),
        ["found accepted", "accepted"]
    );
    assert_eq!(network.sends(), 2);
    assert_eq!(network.draining().await, ["ams-dz000", "ams-dz001"]);
}

#[tokio::test]
async fn what_was_dropped_is_sent_again_three_times_at_most() {
    let network = Network::new(1).await;
    network.lose(&[Fate::Dropped, Fate::Dropped]);
    assert_eq!(results(&network.drain(1).await), ["accepted"]);
    assert_eq!(network.sends(), 3);

    let network = Network::new(1).await;
    network.lose(&[Fate::Dropped; 3]);
    let reports = network.drain(1).await;
    assert!(reports[0].failure.as_ref().unwrap().is_lost());
    assert_eq!(network.sends(), 3);
    assert!(network.draining().await.is_empty());
}

#[tokio::test]
async fn what_was_dropped_is_sent_again_though_a_user_came_meanwhile() {
    let network = Network::new(1).await;
    network.lose(&[Fate::Dropped]);
    network.meanwhile(network.open(0, 1));
    assert_eq!(results(&network.drain(1).await), ["accepted"]);
    assert_eq!(network.draining().await, ["ams-dz000"]);
}

#[tokio::test]
async fn an_update_that_may_still_land_is_not_sent_again() {
    let network = Network::new(1).await;
    network.drain(1).await;
    let update = async |fates: &[Fate]| {
        let options = DrainOptions {
            update: true,
            ..DrainOptions::default().with_deadline(7_200)
        };
        let plan = network.fleet.plan_drain(network.found().await, &options);
        network.lose(fates);
        network.ledger.sends.store(0, Ordering::Relaxed);
        let run = network.fleet.drain(plan.unwrap(), RunOptions::default());
        (run.finish().await.unwrap(), network.sends())
    };
    let (reports, sends) = update(&[Fate::Late]).await;
    assert_unconfirmed(&reports);
    assert_eq!(sends, 1);
    // What was dropped is certain not to land.
    let (reports, sends) = update(&[Fate::Dropped]).await;
    assert_eq!((results(&reports), sends), (vec!["accepted"], 2));
    let (reports, sends) = update(&[Fate::Dropped, Fate::Late]).await;
    assert_unconfirmed(&reports);
    assert_eq!(sends, 2);
}

/// Every row may have been sent, whatever kept it from being sent again.
fn assert_unconfirmed(reports: &[RowReport]) {
    for report in reports {
        assert!(report.failure.as_ref().unwrap().may_land(), "{report:?}");
        assert_eq!(report.transaction, TransactionState::Sent);
    }
}

#[tokio::test]
async fn what_may_still_land_is_reported_though_it_cannot_be_sent_again() {
    let network = Network::new(1).await;
    for fates in [
        &[Fate::Late, Fate::OutOfReach][..],
        &[Fate::Late, Fate::Dropped, Fate::OutOfReach],
        &[Fate::Late, Fate::Dropped, Fate::Dropped],
    ] {
        network.lose(fates);
        assert_unconfirmed(&network.drain(1).await);
    }
    // What was dropped will not land.
    network.lose(&[Fate::Dropped, Fate::OutOfReach]);
    let reports = network.drain(1).await;
    assert!(reports[0].failure.as_ref().unwrap().is_outage());
    assert_eq!(reports[0].transaction, TransactionState::NotSent);
}

#[tokio::test]
async fn what_may_still_land_is_reported_though_a_hold_came_meanwhile() {
    let network = Network::new(1).await;
    network.lose(&[Fate::Late]);
    network.meanwhile(network.place_hold(0));
    assert_unconfirmed(&network.drain(1).await);
    assert_eq!(network.sends(), 2);
}

#[tokio::test]
async fn what_may_still_land_of_a_pack_is_reported_of_each_device() {
    let network = Network::new(6).await;
    network.lose(&[Fate::Late, Fate::OutOfReach]);
    assert_unconfirmed(&network.drain(1).await);
    assert_eq!(network.sends(), 2);
}

#[tokio::test]
async fn a_step_is_not_taken_again_that_another_party_has_undone() {
    let network = Network::new(1).await;
    network.drain(1).await;
    let plan = network
        .fleet
        .plan_step(Action::Undrain, network.found().await);
    network.lose(&[Fate::Unconfirmed]);
    network.meanwhile(network.start_drain(0));
    network.ledger.sends.store(0, Ordering::Relaxed);
    let run = network.fleet.take_step(plan.unwrap());
    let reports = run.finish().await.unwrap();
    assert!(reports[0].failure.as_ref().unwrap().is_lost());
    assert_eq!(network.sends(), 1);
    assert_eq!(network.draining().await, ["ams-dz000"]);
}

#[tokio::test]
async fn a_pack_that_landed_unconfirmed_is_found_device_by_device() {
    let network = Network::new(6).await;
    network.lose(&[Fate::Unconfirmed]);
    assert_eq!(results(&network.drain(1).await), ["found accepted"; 6]);
    assert_eq!(network.sends(), 1);
}

#[tokio::test]
async fn one_that_is_refused_is_taken_out_of_its_transaction() {
    let network = Network::new(6).await;
    let fleet = network.fleet.clone().parallel(1);
    let plan = fleet.plan_drain(network.found().await, &DrainOptions::default());
    // It comes after the plan, so only the program refuses it.
    network.hold(2).await;
    network.ledger.sends.store(0, Ordering::Relaxed);
    let run = fleet.drain(plan.unwrap(), RunOptions::default());
    let reports = run.finish().await.unwrap();
    assert_eq!(
        results(&reports),
        ["accepted", "accepted", "LiveHold", "accepted", "accepted", "accepted"]
    );
    assert_eq!(network.sends(), 2);
    let signatures: Vec<Option<Signature>> = reports
        .iter()
        .map(|report| report.transaction.signature())
        .collect();
    assert_eq!(signatures[0], signatures[5]);
    // The report has the device as it was read after the refusal.
    let last = reports[2].last.as_ref().unwrap();
    assert_eq!(last.head().live_holds(last.now).count(), 1);
}

#[tokio::test]
async fn nothing_is_signed_without_a_signer() {
    let network = Network::new(1).await;
    let fleet = Fleet::new(network.fleet.client().clone());
    let plan = fleet.plan_drain(network.found().await, &DrainOptions::default());
    assert!(matches!(plan, Err(FleetError::NoSigner(_))));
    network.drain(1).await;
    // What drains already is watched by anyone.
    let plan = fleet.plan_drain(network.found().await, &DrainOptions::default());
    let run = fleet.drain(plan.unwrap(), RunOptions::waiting());
    assert_eq!(results(&run.finish().await.unwrap()), ["unchanged"]);
}
