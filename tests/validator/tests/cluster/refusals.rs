//! What refuses, and how that is reported.

use {
    crate::shared,
    ebb_sdk::{
        client::{Client, DeviceFilter},
        instruction::{drain_device, place_hold, retire_device, DrainDevice, Expect, PlaceHold},
        ledger::LedgerError,
        pda,
        rpc::{CommitmentConfig, RpcLedger},
        state::{HoldKind, ProvisioningStatus},
        EbbError,
    },
    ebb_validator_tests::{Act, Device, Network, Relay},
    solana_sdk::{
        instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer,
        transaction::TransactionError,
    },
    std::{net::TcpListener, sync::Arc},
};

fn drain(network: &Network, device: &Device) -> Instruction {
    drain_device(
        &network.program_id,
        &device.owner.pubkey(),
        &device.address,
        &device.location,
        &device.contributor,
        DrainDevice::default(),
    )
    .expect("the builder takes these values")
}

fn hold(network: &Network, device: &Device, seconds: u32) -> Instruction {
    place_hold(
        &network.program_id,
        &device.owner.pubkey(),
        &device.address,
        Some(&device.contributor),
        PlaceHold {
            expect: Expect::default(),
            kind: HoldKind::CriticalTraffic,
            duration_seconds: seconds,
            reason: "".into(),
        },
    )
    .expect("the builder takes these values")
}

#[tokio::test]
async fn a_refusal_names_the_rule_and_the_instruction() {
    let network = &shared().await.network;
    let device = network.device("refusal").await;
    let instructions = [hold(network, &device, 60), drain(network, &device)];
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.owner];
    let error = network
        .client()
        .send(&instructions, &signers)
        .await
        .expect_err("a hold blocks the drain");
    let LedgerError::Refused {
        error: rule,
        instruction,
        logs,
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!((*rule, *instruction), (EbbError::LiveHold, 1));
    assert_eq!(error.to_string(), EbbError::LiveHold.to_string());
    let number = format!("{:#x}", EbbError::LiveHold as u32);
    assert!(logs.iter().any(|line| line.contains(&number)), "{logs:#?}");
    assert_eq!(network.read(&device.address).await.sequence, 2);
}

/// A send whose drain another one forestalls, between its simulation and its arrival.
async fn forestalled(code: &str, preflight: bool) -> LedgerError {
    let shared = shared().await;
    let network = &shared.network;
    let device = Arc::new(network.device(code).await);
    let before = network.read(&device.address).await.sequence;
    let relay = {
        let device = device.clone();
        Relay::new(shared.validator.url(), move |_| {
            let device = device.clone();
            async move {
                // A request that comes again finds it done.
                if network.read(&device.address).await.sequence == before {
                    network
                        .send(Ok(drain(network, &device)), &[&device.owner])
                        .await;
                }
                if preflight {
                    Act::Pass
                } else {
                    Act::Land
                }
            }
        })
    };
    let signers: [&(dyn Signer + Sync); 2] = [&network.payer, &device.owner];
    // The hold is allowed after a drain too; the drain is not.
    let instructions = [hold(network, &device, 60), drain(network, &device)];
    let instructions = [&instructions[1..], &instructions[..1]].concat();
    let error = network
        .client_by(&relay)
        .send(&instructions, &signers)
        .await
        .expect_err("it drains already");
    let head = network.read(&device.address).await;
    assert_eq!(head.provisioning_status, ProvisioningStatus::Draining);
    assert_eq!(head.sequence, before + 1);
    assert_eq!(relay.transactions().len(), 1);
    error
}

#[tokio::test]
async fn a_refusal_of_preflight_is_typed() {
    let error = forestalled("preflight", true).await;
    assert!(
        matches!(
            &error,
            LedgerError::Refused { error: EbbError::AlreadyInStatus, instruction: 0, logs } if !logs.is_empty()
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_refusal_on_chain_is_typed_and_has_its_logs() {
    let error = forestalled("on-chain", false).await;
    assert!(
        matches!(
            &error,
            LedgerError::Refused { error: EbbError::AlreadyInStatus, instruction: 0, logs } if !logs.is_empty()
        ),
        "{error:?}"
    );
    assert_eq!(error.to_string(), EbbError::AlreadyInStatus.to_string());
}

#[tokio::test]
async fn a_payer_without_lamports_is_no_refusal_of_the_program() {
    let network = &shared().await.network;
    let device = network.device("poor").await;
    let poor = Keypair::new();
    let signers: [&(dyn Signer + Sync); 2] = [&poor, &device.owner];
    let error = network
        .client()
        .send(&[drain(network, &device)], &signers)
        .await
        .expect_err("it cannot pay");
    assert!(
        matches!(
            &error,
            LedgerError::Failed {
                error: TransactionError::AccountNotFound,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let shared = shared().await;
    let network = &shared.network;
    let device = network.device("no-program").await;
    // An address without an account, and one with an account that is no program.
    let registry = pda::registry(&network.program_id).0;
    for program_id in [Pubkey::new_unique(), registry] {
        let ledger = shared.validator.ledger().program_id(program_id);
        let client = Client::new(Arc::new(ledger), program_id);
        let (owner, address) = (&device.owner, &device.address);
        let retire = retire_device(
            &program_id,
            &owner.pubkey(),
            address,
            &device.location,
            &device.contributor,
            Expect::default(),
        );
        let error = client
            .send(&[retire], &[&network.payer, owner])
            .await
            .expect_err("there is no program");
        assert!(
            match &error {
                LedgerError::NoProgram(named) => *named == program_id && program_id != registry,
                LedgerError::NotAProgram { address, owner } =>
                    *address == registry && *owner == network.program_id,
                _ => false,
            },
            "{error:?}"
        );
        assert!(error.to_string().contains(&program_id.to_string()));
        assert_eq!(client.registry().await.expect("an answer"), None);
        let all = DeviceFilter::default();
        assert_eq!(client.devices(&all).await.expect("an answer").items, []);
        // What another program owns is none of this one's accounts.
        let error = client.device(address).await.expect_err("another owner");
        assert!(
            matches!(
                &error,
                LedgerError::Account {
                    error: EbbError::WrongOwner,
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_url_that_nobody_answers_at_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let url = format!("http://{address}/?api-key=secret");
    let ledger = RpcLedger::new(url, CommitmentConfig::confirmed());
    let client = Client::new(Arc::new(ledger), ebb_sdk::ID);
    let key = Keypair::new();
    let send = client.send(&[], &[&key]).await.expect_err("nobody answers");
    let read = client.registry().await.expect_err("nobody answers");
    for error in [send, read] {
        assert!(
            matches!(&error, LedgerError::Unreachable { .. }),
            "{error:?}"
        );
        let text = error.to_string();
        assert!(
            text.contains(&address.to_string()) && !text.contains("secret"),
            "{text}"
        );
    }
}
