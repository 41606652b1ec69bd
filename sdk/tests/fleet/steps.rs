//! Steps of the lifecycle, retirements and imports of many devices.

use {
    crate::network::{code, contributor, location, results, Fate, Network},
    ebb_sdk::{
        fleet::{NewDevice, RunOptions, TransactionState},
        lifecycle::Action,
        state::{DeviceType, ProvisioningStatus},
    },
    std::net::Ipv4Addr,
};

#[tokio::test]
async fn steps_leave_alone_what_is_done_already() {
    let network = Network::new(2).await;
    let found = network.found().await;
    network.drain(2).await;
    let drained = network.found().await;
    let step = |action, found| {
        let plan = network.fleet.plan_step(action, found).unwrap();
        network.fleet.take_step(plan).finish()
    };
    let reports = step(Action::Undrain, drained.clone()).await.unwrap();
    assert_eq!(results(&reports), ["accepted"; 2]);
    let to = reports[0].moved.unwrap().to;
    assert_eq!(to, Some(ProvisioningStatus::Activated));
    let reports = step(Action::Undrain, found).await.unwrap();
    assert_eq!(results(&reports), ["unchanged"; 2]);
    network.drain(2).await;
    network.lose(&[Fate::Unconfirmed, Fate::Unconfirmed]);
    let reports = step(Action::Undrain, network.found().await).await.unwrap();
    assert_eq!(results(&reports), ["found accepted"; 2]);
    // As they were read they drain; the program says otherwise, and they are read again.
    let reports = step(Action::Undrain, drained).await.unwrap();
    assert_eq!(results(&reports), ["unchanged"; 2]);
}

#[tokio::test]
async fn a_retirement_goes_as_far_as_it_can() {
    let network = Network::new(2).await;
    network.drain(2).await;
    network.lose(&[Fate::Unconfirmed]);
    let plan = network
        .fleet
        .plan_step(Action::Retire, network.found().await)
        .unwrap();
    let run = network.fleet.retire(plan, RunOptions::waiting());
    let reports = run.finish().await.unwrap();
    assert_eq!(results(&reports), ["found accepted", "accepted"]);
    let moved = reports[1].moved.unwrap();
    assert_eq!(moved.from, ProvisioningStatus::Draining);
    assert_eq!(moved.to, Some(ProvisioningStatus::Retired));
}

#[tokio::test]
async fn a_retirement_that_may_still_land_is_reported_as_sent() {
    let network = Network::new(1).await;
    network.drain(1).await;
    for options in [RunOptions::default(), RunOptions::waiting()] {
        let plan = network
            .fleet
            .plan_step(Action::Retire, network.found().await)
            .unwrap();
        network.lose(&[Fate::Late, Fate::OutOfReach]);
        let reports = network.fleet.retire(plan, options).finish().await.unwrap();
        assert!(reports[0].failure.as_ref().unwrap().may_land());
        assert_eq!(reports[0].transaction, TransactionState::Sent);
    }
}

#[tokio::test]
async fn an_import_goes_on_where_it_was() {
    let network = Network::new(1).await;
    let wanted = |number| NewDevice {
        code: code(number),
        contributor: contributor(),
        location: location(),
        device_type: DeviceType::Hybrid,
        public_ip: Ipv4Addr::new(195, 219, 138, 50),
        max_sessions: if number == 3 { 0 } else { 64 },
        agent: None,
    };
    let import = || network.fleet.import_devices((0..6).map(wanted).collect());
    network.lose(&[Fate::Unconfirmed]);
    let reports = import().finish().await.unwrap();
    let mut expected = ["found accepted"; 6];
    (expected[0], expected[3]) = ("unchanged", "InvalidMaxSessions");
    assert_eq!(results(&reports), expected);
    let again = import().finish().await.unwrap();
    let mut expected = ["unchanged"; 6];
    expected[3] = "InvalidMaxSessions";
    assert_eq!(results(&again), expected);
}
