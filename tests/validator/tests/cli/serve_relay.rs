//! `ebb serve` as a relay of signed transactions, on a cluster that forgets blockhashes and may be away.

use {
    crate::{
        lab::{validator, Lab},
        offline::{nonce_account, nonce_value},
        server::Server,
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        instruction::{drain_device, undrain_device, DrainDevice, Expect},
        pda,
        rpc::CommitmentConfig,
    },
    ebb_validator_tests::{preloaded, until, Ebb, Exchange, Network, Tap, Validator},
    serde_json::{json, Value},
    solana_client::rpc_config::RpcSendTransactionConfig,
    solana_sdk::{
        hash::Hash,
        instruction::Instruction,
        message::{Message, VersionedMessage},
        pubkey::Pubkey,
        signature::{read_keypair_file, Keypair, Signature},
        signer::Signer,
        transaction::VersionedTransaction,
    },
    solana_system_interface::instruction::advance_nonce_account,
    std::{
        future::ready,
        sync::{
            atomic::{AtomicBool, Ordering},
            Arc,
        },
    },
};

const DEVICE: &str = "ams-dz001";

/// A device whose owner signs, and the deployment it is of.
struct Owned {
    program_id: Pubkey,
    owner: Keypair,
    device: Pubkey,
    location: Pubkey,
    contributor: Pubkey,
}

impl Owned {
    fn drain(&self) -> Instruction {
        let args = DrainDevice {
            deadline_seconds: 3_600,
            ..DrainDevice::default()
        };
        let (id, owner) = (&self.program_id, &self.owner.pubkey());
        let drain = drain_device(
            id,
            owner,
            &self.device,
            &self.location,
            &self.contributor,
            args,
        );
        drain.expect("the builder takes these values")
    }

    fn undrain(&self) -> Instruction {
        undrain_device(
            &self.program_id,
            &self.owner.pubkey(),
            &self.device,
            &self.location,
            &self.contributor,
            Expect::default(),
        )
    }

    fn signed(&self, instructions: &[Instruction], blockhash: &Hash) -> VersionedTransaction {
        let payer = self.owner.pubkey();
        let message = Message::new_with_blockhash(instructions, Some(&payer), blockhash);
        let message = VersionedMessage::Legacy(message);
        VersionedTransaction::try_new(message, &[&self.owner]).expect("the owner signs alone")
    }
}

async fn blockhash(validator: &Validator) -> Hash {
    let newest = validator.client().get_latest_blockhash().await;
    newest.expect("a blockhash")
}

/// A blockhash that no transaction before was signed with.
async fn blockhash_after(validator: &Validator, before: &Hash) -> Hash {
    until("there is another blockhash", || async {
        blockhash(validator).await != *before
    })
    .await;
    blockhash(validator).await
}

/// Waits until nothing can land that was signed with a blockhash.
async fn until_expired(validator: &Validator, blockhash: &Hash) {
    until("the blockhash has expired", || async {
        // A blockhash is known there from the first.
        let newest = CommitmentConfig::processed();
        let client = validator.client();
        let is_valid = client.is_blockhash_valid(blockhash, newest).await;
        !is_valid.expect("it answers")
    })
    .await;
}

/// Status and JSON of what the server answers to a transaction.
async fn relay(url: &str, transaction: &VersionedTransaction) -> (u16, Value) {
    let bytes = wincode::serialize(transaction).expect("it is a transaction");
    let body = json!({"transaction": BASE64_STANDARD.encode(bytes)});
    let post = reqwest::Client::new().post(format!("{url}/api/v1/transactions"));
    let response = post.json(&body).send().await.expect("the server answers");
    let status = response.status().as_u16();
    (status, response.json().await.expect("it is JSON"))
}

/// Relays a transaction that is accepted, and returns its signature and slot.
async fn accepted(url: &str, transaction: &VersionedTransaction) -> [Value; 2] {
    let (status, answer) = relay(url, transaction).await;
    assert_eq!(status, 200, "{answer}");
    let signature = transaction.signatures[0].to_string();
    assert_eq!(answer["signature"], signature, "{answer}");
    ["signature", "landed_slot"].map(|key| answer[key].clone())
}

/// Relays a transaction that is not, and returns the problem.
async fn refused(url: &str, transaction: &VersionedTransaction, expected: u16) -> Value {
    let (status, problem) = relay(url, transaction).await;
    assert_eq!(status, expected, "{problem}");
    problem
}

fn assert_expired(problem: &Value, transaction: &VersionedTransaction) {
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.ends_with("or never was; sign it anew"), "{detail}");
    let signature = transaction.signatures[0].to_string();
    assert_eq!(problem["signature"], signature, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_has_one_outcome_however_often_and_late_it_is_relayed() {
    let (lab, user) = Lab::with_contributor().await;
    lab.device(&user, "co01", DEVICE).await;
    let server = Server::start(&user.ebb, &["--no-history"]).await;
    let (url, validator) = (server.url(), validator().await);
    let id = lab.program_id;
    let owned = Owned {
        program_id: id,
        owner: read_keypair_file(user.ebb.key_file()).expect("the key"),
        device: pda::device(&id, DEVICE).0,
        location: pda::location(&id, "ams").0,
        contributor: pda::contributor(&id, "co01").0,
    };

    // What is not signed, or another program's, goes nowhere.
    let first = blockhash(validator).await;
    let mut unsigned = owned.signed(&[owned.drain()], &first);
    unsigned.signatures = vec![Signature::default()];
    refused(url, &unsigned, 422).await;
    let foreign = Instruction::new_with_bytes(Pubkey::new_unique(), &[], vec![]);
    let foreign = owned.signed(&[owned.drain(), foreign], &first);
    refused(url, &foreign, 422).await;

    let drain = owned.signed(&[owned.drain()], &first);
    let receipt = accepted(url, &drain).await;
    assert_eq!(accepted(url, &drain).await, receipt);
    assert_eq!(user.device(DEVICE).await["sequence"], 3);

    // One that preflight refuses, and one that fails on the chain.
    let second = blockhash_after(validator, &first).await;
    let again = owned.signed(&[owned.drain()], &second);
    let problem = refused(url, &again, 409).await;
    assert_eq!(problem["name"], "AlreadyInStatus");
    let config = RpcSendTransactionConfig {
        skip_preflight: true,
        ..RpcSendTransactionConfig::default()
    };
    let client = validator.client();
    let sent = client.send_transaction_with_config(&again, config).await;
    let failed = sent.expect("it is taken");
    until("it has failed", || async {
        let status = client.get_signature_status(&failed).await;
        status.expect("it answers").is_some_and(|it| it.is_err())
    })
    .await;

    // Blockhashes expire. What landed is known, and what did not can land no more.
    let late = owned.signed(&[owned.undrain()], &second);
    until_expired(validator, &second).await;
    assert_eq!(accepted(url, &drain).await, receipt);
    let problem = refused(url, &again, 409).await;
    assert_eq!(
        (&problem["name"], &problem["code"]),
        (&json!("AlreadyInStatus"), &json!(6050))
    );
    assert_expired(&refused(url, &late, 409).await, &late);
    assert_eq!(user.device(DEVICE).await["sequence"], 3);

    // A nonce's value does not expire, and serves once.
    let nonce = nonce_account(validator, &owned.owner).await;
    let value = nonce_value(validator, &nonce).await;
    let advance = || advance_nonce_account(&nonce, &owned.owner.pubkey());
    let undrain = owned.signed(&[advance(), owned.undrain()], &value);
    let other = owned.signed(&[advance(), owned.drain()], &value);
    let receipt = accepted(url, &undrain).await;
    assert_eq!(accepted(url, &undrain).await, receipt);
    assert_expired(&refused(url, &other, 409).await, &other);
    let device = user.device(DEVICE).await;
    assert_eq!(device["sequence"], 4);
    assert_eq!(device["provisioning_status"], "activated");

    let metric = "ebb_transactions_total{";
    assert_eq!(server.counted(metric, "accepted").await, 5);
    assert_eq!(server.counted(metric, "refused").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_confirmation_was_lost_is_relayed_again_and_runs_once() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
    let device = network.device(DEVICE).await;
    validator.fund(&device.owner.pubkey()).await;
    // Until the validator is killed, the server does not hear what came of it.
    let is_deaf = Arc::new(AtomicBool::new(true));
    let hears = Arc::clone(&is_deaf);
    let tap = Tap::new(validator.url(), move |method, _| {
        ready(method != "getSignatureStatuses" || !hears.load(Ordering::SeqCst))
    })
    .await;
    let owner = Ebb::new(&validator, &ebb_sdk::ID, &device.owner).through(tap.url());
    let server = Server::start(&owner, &["--no-history"]).await;
    let url = server.url().to_owned();
    let owned = Owned {
        program_id: ebb_sdk::ID,
        owner: device.owner.insecure_clone(),
        device: device.address,
        location: device.location,
        contributor: device.contributor,
    };
    let before = network.read(&device.address).await.sequence;

    let drain = owned.signed(&[owned.drain()], &blockhash(&validator).await);
    let first = tokio::spawn({
        let (url, drain) = (url.clone(), drain.clone());
        async move { refused(&url, &drain, 504).await }
    });
    until("the validator has it", || async {
        let sent = |it: &Exchange| it.method == "sendTransaction" && !it.result.is_null();
        tap.seen().iter().any(sent)
    })
    .await;
    validator.kill();
    let problem = first.await.expect("it is answered");
    assert_eq!(problem["signature"], drain.signatures[0].to_string());
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("relay the same again"), "{detail}");

    validator.restart();
    is_deaf.store(false, Ordering::SeqCst);
    let receipt = accepted(&url, &drain).await;
    assert_eq!(accepted(&url, &drain).await, receipt);
    assert_eq!(network.read(&device.address).await.sequence, before + 1);
}
