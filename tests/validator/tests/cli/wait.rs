//! Waits in whose middle the validator dies.

use {
    crate::lab::{json, result},
    ebb_sdk::instruction::{open_session, Expect},
    ebb_validator_tests::{preloaded, until, Device, Ebb, Network, Validator},
    serde_json::json,
    solana_client::rpc_response::RpcConfirmedTransactionStatusWithSignature as Sent,
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const DEVICE: &str = "ams-dz001";
/// Creation and activation come in one transaction.
const BEFORE: u64 = 2;

/// Opens sessions in one transaction, and returns their users.
async fn open(network: &Network, device: &Device, sessions: usize) -> Vec<String> {
    let users: Vec<Pubkey> = (0..sessions).map(|_| Pubkey::new_unique()).collect();
    let (id, payer) = (&network.program_id, network.payer.pubkey());
    let (agent, address) = (device.agent.pubkey(), &device.address);
    let open = |user| open_session(id, &agent, &payer, address, user, Expect::default());
    let opened = users.iter().map(open).collect();
    network.send_all(opened, &[&device.agent]).await;
    users.iter().map(Pubkey::to_string).collect()
}

/// Every transaction that named the device, the newest first.
async fn transactions(validator: &Validator, device: &Device) -> Vec<Sent> {
    let client = validator.client();
    let found = client.get_signatures_for_address(&device.address).await;
    found.expect("the validator keeps a history")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_resumes_and_nothing_is_sent_twice() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
    let device = network.device(DEVICE).await;
    let users = open(&network, &device, 2).await;
    for key in [&device.owner, &device.agent] {
        validator.fund(&key.pubkey()).await;
    }
    let owner = Ebb::new(&validator, &ebb_sdk::ID, &device.owner);
    let agent = Ebb::new(&validator, &ebb_sdk::ID, &device.agent);

    let mut waiting = owner.start(&[
        "device", "drain", DEVICE, "--wait", "--yes", "--output", "json",
    ]);
    waiting.says("Watching ams-dz001").await;
    validator.kill();
    waiting.says("cannot reach").await;
    let list = owner.run(&["device", "list"]).await;
    assert_eq!(list.code, Some(6), "{list:#?}");
    validator.restart();
    for (user, left) in users.iter().zip(["1 of 2 left", "0 of 2 left"]) {
        let closed = agent
            .json(&["session", "close", DEVICE, "--user", user])
            .await;
        assert_eq!(result(&closed)["changed"], true);
        waiting.says(left).await;
    }
    let waited = waiting.end().await;
    assert_eq!(waited.code, Some(0), "{waited:#?}");
    let drain = result(&json(&waited));
    assert_eq!(
        (&drain["changed"], &drain["to"]),
        (&json!(true), &json!("draining"))
    );
    assert_eq!(
        (&drain["drain"]["left"], &drain["drain"]["open"]),
        (&json!(2), &json!(0))
    );

    // The drain and two ends of sessions: none of them twice, and nothing that was refused.
    let head = network.read(&device.address).await;
    assert_eq!(head.sequence, BEFORE + 2 + 1 + 2);
    assert!(head.is_drained());
    until("the history is complete", || async {
        transactions(&validator, &device).await.len() >= 5
    })
    .await;
    let sent = transactions(&validator, &device).await;
    assert_eq!(sent.len(), 5, "{sent:#?}");
    assert!(sent.iter().all(|it| it.err.is_none()), "{sent:#?}");
    let drains = sent.iter().filter(|it| drain["signature"] == it.signature);
    assert_eq!(drains.count(), 1, "{sent:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retirement_that_is_waited_for_outlives_the_validator_too() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
    let device = network.device(DEVICE).await;
    let users = open(&network, &device, 1).await;
    for key in [&device.owner, &device.agent] {
        validator.fund(&key.pubkey()).await;
    }
    let owner = Ebb::new(&validator, &ebb_sdk::ID, &device.owner);
    let agent = Ebb::new(&validator, &ebb_sdk::ID, &device.agent);
    owner
        .json(&["device", "drain", DEVICE, "--detach", "--yes"])
        .await;
    validator.until_final().await;

    let mut waiting = owner.start(&[
        "device", "retire", DEVICE, "--wait", "--yes", "--output", "json",
    ]);
    waiting.says("the device still has sessions").await;
    validator.kill();
    waiting.says("cannot reach").await;
    validator.restart();
    agent
        .json(&["session", "close", DEVICE, "--user", &users[0]])
        .await;
    let waited = waiting.end().await;
    assert_eq!(waited.code, Some(0), "{waited:#?}");
    let retired = result(&json(&waited));
    assert_eq!(
        (&retired["changed"], &retired["to"]),
        (&json!(true), &json!("retired"))
    );
}
