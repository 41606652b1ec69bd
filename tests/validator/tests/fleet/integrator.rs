//! An integrator without the CLI: the SDK's example drains a location.

use {
    crate::fleet::Fleet,
    ebb_sdk::{
        client::{Client, Keyed},
        fleet::{self, Selection, SessionChanges, TransactionState},
        rpc::{CommitmentConfig, RpcLedger},
        state::{Device, ProvisioningStatus},
    },
    std::{
        sync::Arc,
        time::{Duration, Instant},
    },
    tokio::time::sleep,
};

#[allow(dead_code, reason = "its main is the example's")]
#[path = "../../../../sdk/examples/drain_location.rs"]
mod drain_location;

const DEVICES: usize = 6;

/// Sees the users off whose device drains, one device after another and each when as many others drain as may. Returns how many
/// there were at a time at most.
async fn see_users_off(agent: &fleet::Fleet) -> usize {
    let (mut most, start) = (0, Instant::now());
    for left in (1..=DEVICES).rev() {
        let device = loop {
            assert!(
                start.elapsed() < Duration::from_secs(180),
                "{left} are left"
            );
            let mut draining = draining_with_users(agent).await;
            most = most.max(draining.len());
            if draining.len() >= left.min(2) {
                break draining.remove(0);
            }
            sleep(Duration::from_millis(50)).await;
        };
        let sessions = agent.client().sessions(Some(&device.address)).await;
        let changes = SessionChanges {
            close: sessions.unwrap().items,
            ..SessionChanges::default()
        };
        let outcome = agent.change_sessions(&device, &changes).await.unwrap();
        assert_eq!(outcome.done, 1, "{outcome:?}");
    }
    most
}

async fn draining_with_users(fleet: &fleet::Fleet) -> Vec<Keyed<Device>> {
    let draining = Selection {
        status: vec![ProvisioningStatus::Draining],
        ..Selection::default()
    };
    let selected = fleet.select(&draining).await.unwrap();
    let devices = selected.devices().map(|it| it.unwrap().device);
    devices
        .filter(|device| device.account.head.sessions > 0)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_drains_a_location_two_at_a_time() {
    let network = Fleet::new(DEVICES).await;
    for number in 0..DEVICES {
        network.open(&format!("a-{number:02}"), 1).await;
    }
    let ledger = RpcLedger::new(network.validator.url(), CommitmentConfig::confirmed());
    let ledger = ledger.program_id(network.program_id);
    let anybody = fleet::Fleet::new(Client::new(Arc::new(ledger), network.program_id));
    let fleet = anybody.clone().signed_by(Arc::new(network.owner_key()));
    let payer = Arc::new(network.network.payer.insecure_clone());
    let agent = anybody
        .signed_by(Arc::new(network.agent_key()))
        .paid_by(payer);
    let drain = drain_location::drain_location(&fleet, "ams");
    let (reports, most) = tokio::join!(drain, see_users_off(&agent));
    assert_eq!(most, 2);
    let reports = reports.unwrap();
    assert_eq!(reports.len(), DEVICES);
    for report in &reports {
        assert!(report.failure.is_none(), "{report:?}");
        assert!(matches!(
            report.transaction,
            TransactionState::Accepted(Some(_))
        ));
        assert!(report.head().unwrap().is_drained());
    }
    assert_eq!(network.list(&["--status", "draining"]).await.len(), DEVICES);

    // Run again, it finds nothing to do.
    let again = drain_location::drain_location(&fleet, "ams").await.unwrap();
    assert!(again.iter().all(|report| report.unchanged), "{again:?}");
}
