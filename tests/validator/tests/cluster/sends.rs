//! Transactions that are lost, late, repeated or unanswered.

use {
    crate::{shared, Shared},
    ebb_sdk::{
        event,
        instruction::{open_session, report_health, Expect},
        rpc::compute_unit_limit,
        state::Health,
    },
    ebb_validator_tests::{Act, Device, Network, Relay},
    serde_json::Value,
    solana_client::{
        client_error::ClientError,
        rpc_config::{CommitmentConfig, RpcTransactionConfig, UiTransactionEncoding},
        rpc_request::RpcRequest,
    },
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Signature, signer::Signer},
    std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
};

/// Not idempotent: were it to run twice, it would be refused the second time.
fn open(network: &Network, device: &Device) -> Instruction {
    open_session(
        &network.program_id,
        &device.agent.pubkey(),
        &network.payer.pubkey(),
        &device.address,
        &Pubkey::new_unique(),
        Expect::default(),
    )
    .expect("the builder takes these values")
}

async fn assert_opened(network: &Network, device: &Device, sessions: u32) {
    let head = network.read(&device.address).await;
    // Creation and activation came before.
    assert_eq!(
        (head.sessions, head.sequence),
        (sessions, 2 + u64::from(sessions))
    );
}

#[tokio::test]
async fn a_transaction_that_is_submitted_often_runs_once() {
    let shared = shared().await;
    let network = &shared.network;
    let device = network.device("often").await;
    let relay = Relay::new(shared.validator.url(), |_| async { Act::Repeat(5) });
    let client = network.client_by(&relay);
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    client
        .send(&[open(network, &device)], &signers)
        .await
        .expect("it lands");
    assert_eq!(relay.transactions().len(), 1);
    assert_opened(network, &device, 1).await;
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_runs_once() {
    let shared = shared().await;
    let network = &shared.network;
    let device = network.device("unanswered").await;
    let relay = Relay::new(shared.validator.url(), |_| async {
        Act::HangUp(Box::new(|| {}))
    });
    let client = network.client_by(&relay);
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    client
        .send(&[open(network, &device)], &signers)
        .await
        .expect("it lands");
    assert_eq!(relay.transactions().len(), 1);
    assert_opened(network, &device, 1).await;
}

#[tokio::test]
async fn a_transaction_that_is_lost_is_sent_again_as_it_is() {
    let shared = shared().await;
    let network = &shared.network;
    let device = network.device("lost").await;
    let lost = Arc::new(AtomicUsize::new(0));
    let relay = {
        let lost = lost.clone();
        Relay::new(shared.validator.url(), move |_| {
            let is_first = lost.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                if is_first {
                    Act::Swallow
                } else {
                    Act::Pass
                }
            }
        })
    };
    let client = network.client_by(&relay);
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    client
        .send(&[open(network, &device)], &signers)
        .await
        .expect("it lands");
    assert_eq!(relay.transactions().len(), 1);
    assert!(lost.load(Ordering::Relaxed) > 1);
    assert_opened(network, &device, 1).await;
}

#[tokio::test]
async fn a_transaction_that_expired_is_signed_anew_and_never_runs_afterwards() {
    let shared = shared().await;
    let network = &shared.network;
    let device = network.device("expired").await;
    let relay = Relay::new(shared.validator.url(), |number| async move {
        match number {
            0 => Act::Swallow,
            _ => Act::Pass,
        }
    });
    let client = network.client_by(&relay);
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    client
        .send(&[open(network, &device)], &signers)
        .await
        .expect("it lands");
    let transactions = relay.transactions();
    assert_eq!(transactions.len(), 2);
    assert_opened(network, &device, 1).await;

    // The one that was held back comes after all.
    let late = shared.validator.client();
    let sent: Result<Value, ClientError> = late
        .send(RpcRequest::SendTransaction, transactions[0].clone())
        .await;
    let error = sent.expect_err("its blockhash is too old").to_string();
    assert!(error.contains("Blockhash not found"), "{error}");
    assert_opened(network, &device, 1).await;
}

#[tokio::test]
async fn sends_at_the_same_time_all_run() {
    let network = &shared().await.network;
    let device = network.device("parallel").await;
    let client = network.client();
    let instructions: Vec<Instruction> = (0..20).map(|_| open(network, &device)).collect();
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    let sends = instructions
        .chunks(1)
        .map(|instruction| client.send(instruction, &signers));
    for sent in futures_util::future::join_all(sends).await {
        sent.expect("it lands");
    }
    assert_opened(network, &device, 20).await;
}

#[tokio::test]
async fn the_same_sent_at_the_same_time_runs_as_often_as_it_was_sent() {
    let network = &shared().await.network;
    let device = network.device("same").await;
    let client = network.client();
    let (reporter, address) = (device.agent.pubkey(), &device.address);
    let id = &network.program_id;
    let report = report_health(
        id,
        &reporter,
        address,
        true,
        Health::Healthy,
        Expect::default(),
    );
    let report = [report];
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    let sends = (0..10).map(|_| client.send(&report, &signers));
    for sent in futures_util::future::join_all(sends).await {
        sent.expect("it lands");
    }
    assert_eq!(network.read(address).await.sequence, 2 + 10);
}

#[tokio::test]
async fn a_transaction_asks_for_little_more_than_it_uses() {
    let shared = shared().await;
    let network = &shared.network;
    let device = network.device("units").await;
    let client = network.client();
    let instructions = [open(network, &device), open(network, &device)];
    let payer = network.payer.pubkey();
    let simulation = client.ledger().simulate(&instructions, &payer).await;
    let simulation = simulation.expect("it would run");
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.agent];
    let receipt = client
        .send(&instructions, &signers)
        .await
        .expect("it lands");

    let ledger = shared.validator.ledger();
    let details = ledger.details(&receipt.signature).await;
    let details = details.expect("an answer").expect("it landed");
    assert_eq!(
        (details.signature, details.slot),
        (receipt.signature, receipt.slot)
    );
    assert_eq!(details.fee, Some(simulation.fee));
    let logs = details.logs.iter().map(String::as_str);
    let events = event::from_logs(&network.program_id, logs).expect("they decode");
    let events = events.whole().expect("the logs are whole");
    assert_eq!(events.len(), instructions.len());

    let used = details.compute_units.expect("the validator reports it");
    let asked = u64::from(limit_of(shared, &receipt.signature).await);
    assert!(asked <= u64::from(compute_unit_limit(simulation.compute_units)) + 100);
    assert!(
        used <= asked && asked <= used + used / 10 + 1_300,
        "{used} of {asked}"
    );

    let unknown = ledger.details(&Signature::default()).await;
    assert_eq!(unknown.expect("an answer"), None);
}

/// The compute units that a transaction that landed asked for.
async fn limit_of(shared: &Shared, signature: &Signature) -> u32 {
    let config = RpcTransactionConfig {
        encoding: Some(UiTransactionEncoding::Base64),
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(0),
    };
    let client = shared.validator.client();
    let found = client.get_transaction_with_config(signature, config).await;
    let transaction = found.expect("it landed").transaction.transaction.decode();
    let message = transaction.expect("it decodes").message;
    let [first, ..] = message.instructions() else {
        panic!("there are no instructions");
    };
    let program = message.static_account_keys()[usize::from(first.program_id_index)];
    assert_eq!(program, solana_sdk_ids::compute_budget::ID);
    let [2, limit @ ..] = first.data.as_slice() else {
        panic!("the first instruction sets no limit");
    };
    u32::from_le_bytes(limit.try_into().expect("four bytes"))
}
