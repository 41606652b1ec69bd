//! `ebb agent` on a cluster, which reports changes by itself and may be away.

use {
    ebb_validator_tests::{preloaded, until, Ebb, Network},
    solana_sdk::signer::Signer,
    std::{fs, os::unix::fs::PermissionsExt, path::PathBuf},
};

pub const VERBS: [&str; 1] = ["agent"];

const DEVICE: &str = "ams-dz001";

/// A program that prints the lines of a file beside it.
fn users_of(agent: &Ebb) -> PathBuf {
    let program = PathBuf::from(agent.key_file()).with_file_name("users");
    agent.file(
        "users",
        "#!/bin/sh\nexec cat \"$(dirname \"$0\")/connected\"\n",
    );
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&program, executable).expect("the program is made");
    program
}

async fn sessions(ebb: &Ebb) -> u64 {
    let device = ebb.json(&["device", "get", DEVICE]).await;
    device["sessions"].as_u64().expect("it is a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn users_come_and_go_and_a_cluster_that_is_away_is_waited_for() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
    let device = network.device(DEVICE).await;
    for key in [&device.owner, &device.agent] {
        validator.fund(&key.pubkey()).await;
    }
    let owner = Ebb::new(&validator, &ebb_sdk::ID, &device.owner);
    let agent = Ebb::new(&validator, &ebb_sdk::ID, &device.agent);
    let connect = |count: usize| {
        let users: String = (0..count).map(|user| format!("user{user}\n")).collect();
        agent.file("connected", &users);
    };
    let provider = format!("exec:{}", users_of(&agent).display());
    connect(20);
    let mut running = agent.start(&["agent", "--device", DEVICE, "--sessions", &provider]);
    until("the sessions are open", || async {
        sessions(&owner).await == 20
    })
    .await;

    let drained = owner
        .run(&["device", "drain", DEVICE, "--yes", "--detach"])
        .await;
    assert_eq!(drained.code, Some(0), "{drained:#?}");
    running.says("draining: users leave by themselves").await;
    validator.kill();
    running.says("the ledger is out of reach").await;
    connect(0);
    validator.restart();
    until("the device is drained", || async {
        sessions(&owner).await == 0
    })
    .await;
    running.says("drained").await;

    let undrained = owner.run(&["device", "undrain", DEVICE]).await;
    assert_eq!(undrained.code, Some(0), "{undrained:#?}");
    connect(3);
    until("the sessions are open again", || async {
        sessions(&owner).await == 3
    })
    .await;
    running.signal("TERM");
    let ended = running.end().await;
    assert_eq!(ended.code, Some(143), "{ended:#?}");
}
