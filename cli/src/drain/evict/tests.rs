//! Eviction races another party on an embedded ledger.

use {
    super::*,
    async_trait::async_trait,
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        instruction::{
            activate_device, create_contributor, create_device, create_location, drain_device,
            initialize, open_session, CreateContributor, CreateDevice, CreateLocation, DrainDevice,
            Initialize,
        },
        ledger::{Detour, Ledger, Receipt},
        pda,
        state::{DeviceType, Session},
        ID,
    },
    solana_sdk::{instruction::Instruction, signature::Keypair},
    std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
};

const SESSIONS: usize = 20;

/// A ledger on which another party closes one session right before each of the first few evictions.
struct Meddled {
    ledger: EmbeddedLedger,
    device: Pubkey,
    meddlings: AtomicUsize,
    sends: AtomicUsize,
}

impl Meddled {
    /// Closes the session that an eviction is about to close last.
    async fn close_first(&self, evictions: &[Instruction]) {
        let key = self.ledger.default_key();
        let address = evictions.last().unwrap().accounts[2].pubkey;
        let found = self.ledger.accounts(&[address]).await.unwrap();
        let session = Session::decode(&found[0].as_ref().unwrap().data).unwrap();
        let close = close_session(
            &ID,
            &key.pubkey(),
            &self.device,
            &session.user,
            &session.payer,
            None,
            Expect::default(),
        );
        self.ledger.send(&[close], &[&key]).await.unwrap();
    }
}

#[async_trait]
impl Detour for Meddled {
    fn ledger(&self) -> &dyn Ledger {
        &self.ledger
    }

    async fn forward(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.sends.fetch_add(1, Ordering::Relaxed);
        if self.meddlings.load(Ordering::Relaxed) > 0 {
            self.meddlings.fetch_sub(1, Ordering::Relaxed);
            self.close_first(instructions).await;
        }
        self.ledger.send(instructions, signers).await
    }
}

/// A draining device past its deadline, with its sessions open. One key is authority, owner and agent.
async fn overdue(dir: &tempfile::TempDir) -> (EmbeddedLedger, Keypair, Pubkey, Pubkey) {
    let ledger =
        EmbeddedLedger::open(dir.path().join("ledger"), EmbeddedOptions::default()).unwrap();
    let key = ledger.default_key();
    let me = key.pubkey();
    let (contributor, location, device) = (
        pda::contributor(&ID, "co01").0,
        pda::location(&ID, "ams").0,
        pda::device(&ID, "ams-dz001").0,
    );
    let place = CreateLocation {
        code: "ams".into(),
        name: "Amsterdam".into(),
        country: *b"NL",
        latitude: 52_300_000,
        longitude: 4_940_000,
        min_activated: 0,
    };
    let machine = CreateDevice {
        code: "ams-dz001".into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 64,
        agent: me,
    };
    let registry = Initialize {
        authority: me,
        health_oracle: me,
        require_healthy: false,
    };
    let owner = CreateContributor {
        code: "co01".into(),
        authority: me,
    };
    let expect = Expect::default();
    let mut all = vec![
        initialize(&ID, &me, &me, registry),
        create_contributor(&ID, &me, &me, owner),
        create_location(&ID, &me, &me, place),
        create_device(&ID, &me, &me, &contributor, &location, machine),
        Ok(activate_device(
            &ID,
            &me,
            &device,
            &location,
            &contributor,
            expect,
        )),
    ];
    for user in 1..=SESSIONS {
        let user = Pubkey::new_from_array([u8::try_from(user).unwrap(); 32]);
        all.push(open_session(&ID, &me, &me, &device, &user, expect));
    }
    let drain = DrainDevice {
        deadline_seconds: 60,
        ..DrainDevice::default()
    };
    all.push(drain_device(
        &ID,
        &me,
        &device,
        &location,
        &contributor,
        drain,
    ));
    for instruction in all {
        ledger.send(&[instruction.unwrap()], &[&key]).await.unwrap();
    }
    ledger.advance(61).unwrap();
    (ledger, key, device, contributor)
}

/// Evicts while another party closes a session right before each of the first `meddlings` sends. Tells
/// how often it sent, how many were evicted by it, and how it ended.
async fn race(meddlings: usize) -> (usize, u32, Result<(), LedgerError>) {
    let dir = tempfile::TempDir::new().unwrap();
    let (ledger, key, device, credential) = overdue(&dir).await;
    let meddled = Arc::new(Meddled {
        ledger,
        device,
        meddlings: AtomicUsize::new(meddlings),
        sends: AtomicUsize::new(0),
    });
    let client = Client::new(meddled.clone(), ID);
    let head = client.device(&device).await.unwrap().unwrap().account.head;
    let now = meddled.now().await.unwrap().time;
    let mut progress = Progress::new(&head, now);
    let by = Evictor {
        signer: &key,
        fee_payer: &key,
    };
    let ended = evict(&client, &device, &credential, &by, &mut progress).await;
    let head = client.device(&device).await.unwrap().unwrap().account.head;
    progress.observe(Some(&head), now);
    let sends = meddled.sends.load(Ordering::Relaxed);
    (sends, progress.tally().evicted, ended)
}

#[tokio::test]
async fn as_many_as_fit_go_in_a_transaction() {
    let (sends, evicted, ended) = race(0).await;
    ended.unwrap();
    assert_eq!(evicted, 20);
    assert!(sends <= 3, "{sends}");
}

#[tokio::test]
async fn what_another_party_closed_first_is_left_out_and_the_rest_tried_again() {
    let (_, evicted, ended) = race(2).await;
    ended.unwrap();
    assert_eq!(evicted, 18);
}

#[tokio::test]
async fn a_race_that_is_always_lost_ends_as_the_refusal() {
    let (_, _, ended) = race(usize::MAX).await;
    assert!(
        matches!(ended, Err(LedgerError::Refused { .. })),
        "{ended:?}"
    );
}
