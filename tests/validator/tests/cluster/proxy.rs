//! A contributor whose authority is an address of another program, which operators deploy as they
//! deploy any.

use {
    crate::shared,
    ebb_sdk::{
        event::{from_logs, Event, EventKind, Logged},
        history::DeviceHistory,
        instruction::{
            accept_contributor_authority, create_device, drain_device,
            nominate_contributor_authority, CreateDevice, DrainDevice,
        },
        ledger::LedgerError,
        pda,
        rpc::deploy::{deploy, Deployed, Deployment},
        state::{DeviceType, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_validator_tests::{Device, Network, Validator},
    solana_sdk::{
        instruction::{Instruction, InstructionError},
        pubkey::Pubkey,
        signature::Keypair,
        signer::Signer,
        transaction::TransactionError,
    },
};

const VAULT: u8 = 1;

async fn deployed(validator: &Validator) -> Pubkey {
    let (payer, program) = (validator.funded().await, Keypair::new());
    let program_id = program.pubkey();
    let deployment = Deployment {
        elf: ebb_proxy::ELF,
        program_id: &program_id,
        program_key: Some(&program),
        authority: &payer,
        fee_payer: &payer,
    };
    let outcome = deploy(&validator.ledger(), deployment, &|_| {}).await;
    let outcome = outcome.expect("it is deployed");
    assert!(matches!(outcome, Deployed::Created(_)), "{outcome:?}");
    program_id
}

fn drain(network: &Network, device: &Device, by: &Pubkey) -> Instruction {
    drain_device(
        &network.program_id,
        by,
        &device.address,
        &device.location,
        &device.contributor,
        DrainDevice::default(),
    )
    .expect("the builder takes these values")
}

#[tokio::test]
async fn a_vault_drains_its_device() {
    let shared = shared().await;
    let network = &shared.network;
    let (proxy, device) = tokio::join!(deployed(&shared.validator), network.device("vaulted"));
    let vault = ebb_proxy::vault(&proxy, VAULT).0;
    let (id, contributor) = (&network.program_id, &device.contributor);
    let owner = device.owner.pubkey();
    let nominate =
        nominate_contributor_authority(id, &owner, contributor, contributor, Some(&vault));
    let accept = accept_contributor_authority(id, &vault, contributor);
    let accept = ebb_proxy::call(&proxy, Some(VAULT), &[], &accept);
    network
        .send_all(vec![nominate, Ok(accept)], &[&device.owner])
        .await;

    let drain = drain(network, &device, &vault);
    let client = network.client();
    let unsigned = ebb_proxy::call(&proxy, None, &[], &drain);
    let refused = client.send(&[unsigned], &[&network.payer]).await;
    let missing = InstructionError::Custom(EbbError::MissingSignature.number());
    assert!(
        matches!(
            &refused,
            Err(LedgerError::Failed { error: TransactionError::InstructionError(0, error), .. })
                if *error == missing
        ),
        "{refused:?}"
    );
    assert_eq!(network.read(&device.address).await.sequence, 2);

    let forged = Event::new(
        EventKind::DeviceRemoved,
        &device.address,
        &vault,
        Role::Contributor,
    );
    let signed = ebb_proxy::call(&proxy, Some(VAULT), &forged.to_bytes(), &drain);
    let receipt = client.send(&[signed], &[&network.payer]).await;
    let receipt = receipt.expect("the vault signs");
    let head = network.read(&device.address).await;
    assert_eq!(head.provisioning_status, ProvisioningStatus::Draining);
    assert_eq!(
        (head.drain.started_by, head.drain.role),
        (vault, Role::Contributor)
    );

    let details = shared.validator.ledger().details(&receipt.signature).await;
    let logs = details.expect("an answer").expect("it landed").logs;
    let events_of = |program| from_logs(program, logs.iter().map(String::as_str));
    assert_eq!(events_of(&proxy), Ok(Logged::Whole(vec![forged; 2])));
    let events = events_of(id).expect("they decode");
    let events = events.whole().expect("the logs are whole");
    let reported: Vec<_> = events
        .iter()
        .map(|event| (event.kind, event.actor))
        .collect();
    assert_eq!(reported, [(EventKind::DrainStarted, vault)]);
    its_calls_are_in_the_history(network, &proxy, &device).await;
}

/// A device that the vault creates, whose code stands in no instruction but the one that its program called.
async fn its_calls_are_in_the_history(network: &Network, proxy: &Pubkey, other: &Device) {
    let (id, code) = (&network.program_id, "vaulted-too");
    let args = CreateDevice {
        code: code.into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 1,
        agent: Pubkey::default(),
    };
    let (vault, payer) = (ebb_proxy::vault(proxy, VAULT).0, network.payer.pubkey());
    let create = create_device(
        id,
        &vault,
        &payer,
        &other.contributor,
        &other.location,
        args,
    );
    let create = create.expect("the builder takes these values");
    let call = ebb_proxy::call(proxy, Some(VAULT), &[], &create);
    network.send_all(vec![Ok(call)], &[]).await;
    let address = pda::device(id, code).0;
    let mut history = DeviceHistory::new(network.client(), address, None);
    let records = history.read().await.expect("it is read");
    let found: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record.event.kind,
                record.code.as_deref(),
                record.event.actor,
            )
        })
        .collect();
    assert_eq!(found, [(EventKind::DeviceCreated, Some(code), vault)]);
    assert_eq!(history.gaps(), []);

    // The forged event of the other device is no part of its history.
    let mut history = DeviceHistory::new(network.client(), other.address, None);
    let records = history.read().await.expect("it is read");
    let kinds: Vec<_> = records.iter().map(|record| record.event.kind).collect();
    let expected = [
        EventKind::DeviceCreated,
        EventKind::DeviceActivated,
        EventKind::DrainStarted,
    ];
    assert_eq!((kinds.as_slice(), history.gaps()), (&expected[..], &[][..]));
}
