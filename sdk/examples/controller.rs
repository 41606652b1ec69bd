//! A device's controller: it closes the sessions of the devices it is the agent of, once they drain.
//!
//! A real one would first move each user to another device; this one shows where that call belongs.
//!
//! ```text
//! cargo run -p ebb-sdk --features rpc,embedded,fleet --example controller -- URL AGENT_KEY_FILE
//! ```
//!
//! URL is a cluster's JSON RPC address or `embedded:DIR`.

use {
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions},
        fleet::{Fleet, FleetError, Selection, SessionChanges, Waker},
        ledger::Ledger,
        rpc::{CommitmentConfig, RpcLedger},
        state::ProvisioningStatus,
        ID,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::{signature::read_keypair_file, signer::Signer},
    std::{error::Error, sync::Arc},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [url, key_file] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: controller URL AGENT_KEY_FILE")?;
    let key = read_keypair_file(&key_file)?;
    let agent = key.pubkey();
    let fleet = Fleet::new(Client::new(ledger(&url)?, ID)).signed_by(Arc::new(key));

    let mut waker = Waker::of_program(fleet.client().ledger(), fleet.program_id());
    println!("closing sessions of draining devices as {agent}");
    loop {
        match close_sessions(&fleet, &agent).await {
            Err(error) if error.is_outage() => eprintln!("{error}; trying again"),
            closed => closed?,
        }
        waker.next(None).await;
    }
}

fn ledger(url: &str) -> Result<Arc<dyn Ledger>, Box<dyn Error>> {
    Ok(match url.strip_prefix("embedded:") {
        Some(dir) => Arc::new(EmbeddedLedger::open(dir, EmbeddedOptions::default())?),
        None => Arc::new(RpcLedger::new(url, CommitmentConfig::confirmed())),
    })
}

/// The ledger itself filters by status; which of the devices are this agent's is left to do here.
pub async fn close_sessions(fleet: &Fleet, agent: &Pubkey) -> Result<(), FleetError> {
    let draining = Selection {
        status: vec![ProvisioningStatus::Draining],
        ..Selection::default()
    };
    let selected = fleet.select(&draining).await?;
    for selected in selected.devices() {
        let device = selected?.device;
        let head = &device.account.head;
        if head.agent != *agent || head.sessions == 0 {
            continue;
        }
        // Here a controller would move each user to another device and wait until it is there.
        let changes = SessionChanges {
            close: fleet.client().sessions(Some(&device.address)).await?.items,
            // The device may be undrained meanwhile; then its sessions are to stay.
            same_status: true,
            ..SessionChanges::default()
        };
        let outcome = fleet.change_sessions(&device, &changes).await?;
        let code = &device.account.code;
        println!("{code}: closed {} sessions", outcome.done);
        for (user, error) in outcome.failed {
            eprintln!("{code}: the session of {user} stays open: {error}");
        }
    }
    Ok(())
}
