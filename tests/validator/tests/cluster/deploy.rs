//! Deploying by transaction, as operators do.

use {
    crate::shared,
    ebb_sdk::{
        ledger::LedgerError,
        pda,
        rpc::deploy::{deploy, DeployError, Deployed, Deployment, Progress},
    },
    ebb_validator_tests::{Network, PROGRAM},
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::sync::{Arc, Mutex},
    tokio::sync::Notify,
};

/// Where an ELF file states its SBPF version.
const ELF_FLAGS: usize = 48;

struct Operator {
    payer: Keypair,
    authority: Keypair,
    program: Keypair,
    reports: Mutex<Vec<Progress>>,
}

impl Operator {
    async fn new() -> Self {
        Self {
            payer: shared().await.validator.funded().await,
            authority: Keypair::new(),
            program: Keypair::new(),
            reports: Mutex::default(),
        }
    }

    fn deployment<'a>(&'a self, elf: &'a [u8], program_id: &'a Pubkey) -> Deployment<'a> {
        Deployment {
            elf,
            program_id,
            program_key: Some(&self.program),
            authority: &self.authority,
            fee_payer: &self.payer,
        }
    }

    async fn deploy(&self, elf: &[u8]) -> Result<Deployed, DeployError> {
        let id = self.program.pubkey();
        self.run(self.deployment(elf, &id)).await
    }

    async fn run(&self, deployment: Deployment<'_>) -> Result<Deployed, DeployError> {
        self.reports.lock().unwrap().clear();
        let ledger = shared().await.validator.ledger();
        let report = |progress| self.reports.lock().unwrap().push(progress);
        deploy(&ledger, deployment, &report).await
    }

    /// Bytes in the buffer when it began, and in the end.
    fn uploaded(&self) -> Option<(usize, usize)> {
        let reports = self.reports.lock().unwrap();
        let mut done = reports.iter().filter_map(|report| match report {
            Progress::Uploading { done, .. } => Some(*done),
            Progress::Extending { .. } | Progress::Installing => None,
        });
        let first = done.next()?;
        Some((first, done.next_back().unwrap_or(first)))
    }
}

#[tokio::test]
async fn a_program_is_deployed_and_upgraded_by_its_authority() {
    let shared = shared().await;
    let operator = Operator::new().await;
    let id = operator.program.pubkey();

    let created = operator.deploy(PROGRAM).await.expect("it is deployed");
    assert!(matches!(created, Deployed::Created(_)), "{created:?}");
    let (first, last) = operator.uploaded().expect("it was uploaded");
    assert!(
        first < PROGRAM.len() / 2,
        "only zeros are there already: {first}"
    );
    assert_eq!(last, PROGRAM.len());
    // It runs at once, and takes the authority it was deployed with for its own.
    let network = Network::found(&shared.validator, &id, &operator.authority).await;
    let device = network.device("ams-dz001").await;

    // Again: nothing is sent.
    let before = shared.validator.balance(&operator.payer.pubkey()).await;
    let again = operator.deploy(PROGRAM).await.expect("it is there");
    assert_eq!(again, Deployed::Unchanged);
    assert_eq!(operator.uploaded(), None);
    let after = shared.validator.balance(&operator.payer.pubkey()).await;
    assert_eq!(before, after);

    // A longer one: the account grows. Accounts of the program stay.
    let longer = [PROGRAM, &[0; 20_000]].concat();
    let longer = [longer.as_slice(), b"end"].concat();
    let stranger = Operator {
        payer: shared.validator.funded().await,
        authority: Keypair::new(),
        program: Keypair::new(),
        reports: Mutex::default(),
    };
    let error = stranger.run(stranger.deployment(&longer, &id)).await;
    let authority = operator.authority.pubkey();
    assert!(
        matches!(
            &error,
            Err(DeployError::WrongAuthority { program_id, authority: owner })
                if *program_id == id && *owner == authority
        ),
        "{error:?}"
    );
    let upgrade = Deployment {
        program_key: None,
        ..operator.deployment(&longer, &id)
    };
    let upgraded = operator.run(upgrade).await.expect("it is upgraded");
    assert!(matches!(upgraded, Deployed::Upgraded(_)), "{upgraded:?}");
    let bytes = 20_003;
    let reports = operator.reports.lock().unwrap().clone();
    assert!(
        reports.contains(&Progress::Extending { bytes }),
        "{reports:?}"
    );
    let client = shared.validator.client();
    let data = client
        .get_account_data(&pda::program_data(&id))
        .await
        .unwrap();
    assert!(data.ends_with(b"end"));
    assert_eq!(network.read(&device.address).await.sequence, 2);
    network.device("ams-dz002").await;

    // And back, with the rent of the buffer given back too: only fees are spent.
    let before = shared.validator.balance(&operator.payer.pubkey()).await;
    let back = operator.deploy(PROGRAM).await.expect("it is upgraded");
    assert!(matches!(back, Deployed::Upgraded(_)), "{back:?}");
    let after = shared.validator.balance(&operator.payer.pubkey()).await;
    assert!(before - after < 10_000_000, "{}", before - after);
    network.device("ams-dz003").await;
}

#[tokio::test]
async fn a_deployment_that_was_cut_off_goes_on_where_it_stopped() {
    let shared = shared().await;
    let operator = Arc::new(Operator::new().await);
    let half = Arc::new(Notify::new());
    let task = {
        let (operator, half) = (operator.clone(), half.clone());
        let ledger = shared.validator.ledger();
        tokio::spawn(async move {
            let id = operator.program.pubkey();
            let report = |progress| {
                if matches!(progress, Progress::Uploading { done, total, .. } if done >= total / 2)
                {
                    half.notify_one();
                }
            };
            deploy(&ledger, operator.deployment(PROGRAM, &id), &report).await
        })
    };
    half.notified().await;
    task.abort();
    let aborted = task.await.expect_err("it did not end by itself");
    assert!(aborted.is_cancelled());

    let created = operator.deploy(PROGRAM).await.expect("it is deployed");
    assert!(matches!(created, Deployed::Created(_)), "{created:?}");
    let (first, last) = operator.uploaded().expect("the rest was uploaded");
    assert!(first >= PROGRAM.len() / 2, "{first} of {}", PROGRAM.len());
    assert_eq!(last, PROGRAM.len());
    let id = operator.program.pubkey();
    Network::found(&shared.validator, &id, &operator.authority).await;
}

#[tokio::test]
async fn what_cannot_be_deployed_is_reported_before_anything_is_paid() {
    let shared = shared().await;
    let operator = Operator::new().await;
    let id = operator.program.pubkey();
    let before = shared.validator.balance(&operator.payer.pubkey()).await;

    let error = operator.deploy(b"#!/bin/sh").await;
    assert!(
        matches!(&error, Err(DeployError::NotAProgram(_))),
        "{error:?}"
    );
    let keyless = Deployment {
        program_key: None,
        ..operator.deployment(PROGRAM, &id)
    };
    let error = operator.run(keyless).await;
    assert!(
        matches!(&error, Err(DeployError::ProgramKeyMissing(at)) if *at == id),
        "{error:?}"
    );
    let other = Pubkey::new_unique();
    let error = operator.run(operator.deployment(PROGRAM, &other)).await;
    assert!(
        matches!(&error, Err(DeployError::ProgramKeyMissing(at)) if *at == other),
        "{error:?}"
    );
    let registry = pda::registry(&shared.network.program_id).0;
    let error = operator.run(operator.deployment(PROGRAM, &registry)).await;
    assert!(
        matches!(&error, Err(DeployError::AddressTaken(at)) if *at == registry),
        "{error:?}"
    );

    let after = shared.validator.balance(&operator.payer.pubkey()).await;
    assert_eq!(after, before);

    let poor = Keypair::new();
    let error = operator
        .run(Deployment {
            fee_payer: &poor,
            ..operator.deployment(PROGRAM, &id)
        })
        .await;
    assert!(
        matches!(&error, Err(DeployError::Ledger(LedgerError::Failed { .. }))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_program_of_an_sbpf_version_that_the_cluster_does_not_take_is_rejected() {
    let operator = Operator::new().await;
    let mut elf = PROGRAM.to_vec();
    elf[ELF_FLAGS..ELF_FLAGS + 4].copy_from_slice(&0_u32.to_le_bytes());
    let error = operator.deploy(&elf).await.expect_err("it is refused");
    assert!(
        matches!(&error, DeployError::Rejected { logs, .. } if !logs.is_empty()),
        "{error:?}"
    );
}

#[tokio::test]
async fn lamports_that_others_sent_to_the_address_are_no_obstacle() {
    let shared = shared().await;
    let operator = Operator::new().await;
    shared.validator.fund(&operator.program.pubkey()).await;
    let created = operator.deploy(PROGRAM).await.expect("it is deployed");
    assert!(matches!(created, Deployed::Created(_)), "{created:?}");
}
