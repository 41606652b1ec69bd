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
        client::{Client, Keyed},
        embedded::{EmbeddedLedger, EmbeddedOptions},
        fleet::{Fleet, FleetError, Selection, Waker},
        instruction::{close_session, Expect},
        ledger::{Ledger, LedgerError},
        rpc::{CommitmentConfig, RpcLedger},
        state::{Device, ProvisioningStatus},
        EbbError, ID,
    },
    solana_sdk::{
        signature::{read_keypair_file, Keypair},
        signer::Signer,
    },
    std::{error::Error, sync::Arc},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [url, key_file] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: controller URL AGENT_KEY_FILE")?;
    let agent = read_keypair_file(&key_file)?;
    let client = Client::new(ledger(&url)?, ID);

    let mut waker = Waker::of_program(client.ledger(), client.program_id());
    println!("closing sessions of draining devices as {}", agent.pubkey());
    loop {
        for device in draining_devices(&client, &agent).await? {
            let closed = close_sessions(&client, &agent, &device).await?;
            println!("{}: closed {closed} sessions", device.account.code);
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

/// The ledger itself filters by status; which of them are this agent's is left to do here.
async fn draining_devices(
    client: &Client,
    agent: &Keypair,
) -> Result<Vec<Keyed<Device>>, FleetError> {
    let draining = Selection {
        status: vec![ProvisioningStatus::Draining],
        ..Selection::default()
    };
    let selected = Fleet::new(client.clone()).select(&draining).await?;
    let mut devices = vec![];
    for selected in selected.devices() {
        let device = selected?.device;
        let head = &device.account.head;
        if head.agent == agent.pubkey() && head.sessions > 0 {
            devices.push(device);
        }
    }
    Ok(devices)
}

async fn close_sessions(
    client: &Client,
    agent: &Keypair,
    device: &Keyed<Device>,
) -> Result<usize, LedgerError> {
    // The device may be undrained while this runs; then its sessions are to stay.
    let expect = Expect::in_status(&device.account.head);
    let mut closed = 0;
    for session in client.sessions(Some(&device.address)).await?.items {
        // Here a controller would move the user to another device and wait until it is there.
        let close = close_session(
            client.program_id(),
            &agent.pubkey(),
            &device.address,
            &session.account.user,
            &session.account.payer,
            None,
            expect,
        );
        match client.send(&[close], &[agent]).await {
            Ok(_) => closed += 1,
            Err(LedgerError::Refused {
                error: EbbError::StatusMismatch,
                ..
            }) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(closed)
}
