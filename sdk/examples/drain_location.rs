//! Drains every device at a location, two at a time, and evicts what is left of their sessions after half an hour.

use {
    ebb_sdk::fleet::{DrainOptions, Fleet, FleetError, RowReport, RunOptions, Selection},
    ebb_sdk::{client::Client, pda, rpc, state::ProvisioningStatus, ID},
    solana_sdk::signature::read_keypair_file,
    std::{env::args, error::Error, sync::Arc},
};

pub async fn drain_location(fleet: &Fleet, code: &str) -> Result<Vec<RowReport>, FleetError> {
    let selection = Selection {
        location: vec![pda::location(fleet.program_id(), code).0],
        status: vec![ProvisioningStatus::Activated, ProvisioningStatus::Draining],
        ..Selection::default()
    };
    let found = fleet.select(&selection).await?.found(fleet).await?;
    let options = DrainOptions::default().with_deadline(1_800).evicting();
    let mut run = fleet.drain(fleet.plan_drain(found, &options)?, RunOptions::rolling(2));
    while let Some(event) = run.next_event().await? {
        println!("{}", serde_json::json!(event));
    }
    Ok(run.reports().all())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [url, key_file, location] = Vec::from_iter(args().skip(1))
        .try_into()
        .map_err(|_| "usage: drain_location URL KEY_FILE LOCATION")?;
    let ledger = rpc::RpcLedger::new(&url, rpc::CommitmentConfig::confirmed());
    let key = read_keypair_file(&key_file)?;
    let fleet = Fleet::new(Client::new(Arc::new(ledger), ID)).signed_by(Arc::new(key));
    for report in drain_location(&fleet, &location).await? {
        println!("{}: {:?}", report.code, report.transaction);
    }
    Ok(())
}
