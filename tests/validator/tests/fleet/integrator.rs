//! An integrator without the CLI: the SDK's example drains a location.

use {
    crate::fleet::Fleet,
    ebb_sdk::{
        client::Client,
        fleet::{self, TransactionState},
        rpc::{CommitmentConfig, RpcLedger},
    },
    std::sync::Arc,
};

#[allow(dead_code, reason = "its main is the example's")]
#[path = "../../../../sdk/examples/drain_location.rs"]
mod drain_location;

#[tokio::test(flavor = "multi_thread")]
async fn the_example_drains_a_location_two_at_a_time() {
    let network = Fleet::new(6).await;
    let ledger = RpcLedger::new(network.validator.url(), CommitmentConfig::confirmed());
    let ledger = ledger.program_id(network.program_id);
    let owner = Arc::new(network.owner_key());
    let fleet =
        fleet::Fleet::new(Client::new(Arc::new(ledger), network.program_id)).signed_by(owner);
    let reports = drain_location::drain_location(&fleet, "ams").await.unwrap();
    assert_eq!(reports.len(), 6);
    for report in &reports {
        assert!(report.failure.is_none(), "{report:?}");
        assert!(matches!(
            report.transaction,
            TransactionState::Accepted(Some(_))
        ));
        assert!(report.head().unwrap().is_drained());
    }
    assert_eq!(network.list(&["--status", "draining"]).await.len(), 6);

    // Run again, it finds nothing to do.
    let again = drain_location::drain_location(&fleet, "ams").await.unwrap();
    assert!(again.iter().all(|report| report.unchanged), "{again:?}");
}
