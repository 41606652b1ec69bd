//! Eviction races another party on an embedded ledger.

use {
    super::*,
    crate::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        fleet::{Drain, DrainProgress, Reports, RowReport},
        instruction::{
            activate_device, create_contributor, create_device, create_location, drain_device,
            initialize, open_session, CreateContributor, CreateDevice, CreateLocation, DrainDevice,
            Initialize,
        },
        ledger::{Ledger, LedgerError, SendLayer, Submission},
        pda,
        state::{DeviceType, Session},
        ID,
    },
    async_trait::async_trait,
    solana_program::instruction::Instruction,
    solana_sdk::{signature::Keypair, signer::Signer},
    std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    tokio::sync::mpsc::unbounded_channel,
};

const SESSIONS: usize = 20;

/// A ledger on which another party closes one session right before each of the first few evictions.
struct Interfering {
    ledger: EmbeddedLedger,
    device: Pubkey,
    interferences: AtomicUsize,
    sends: AtomicUsize,
}

impl Interfering {
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
impl SendLayer for Interfering {
    fn ledger(&self) -> &dyn Ledger {
        &self.ledger
    }

    async fn forward(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        self.sends.fetch_add(1, Ordering::Relaxed);
        if self.interferences.load(Ordering::Relaxed) > 0 {
            self.interferences.fetch_sub(1, Ordering::Relaxed);
            self.close_first(instructions).await;
        }
        self.ledger.submit(instructions, signers).await
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

/// Evicts while another party closes a session right before each of the first `interferences` sends. Returns how often it
/// sent, how many were evicted by it, and how many are left.
async fn evict_among_others(interferences: usize) -> (usize, u32, u32) {
    let dir = tempfile::TempDir::new().unwrap();
    let (ledger, key, device, credential) = overdue(&dir).await;
    let interfering = Arc::new(Interfering {
        ledger,
        device,
        interferences: AtomicUsize::new(interferences),
        sends: AtomicUsize::new(0),
    });
    let client = Client::new(interfering.clone(), ID);
    let head = client.device(&device).await.unwrap().unwrap().account.head;
    let now = interfering.now().await.unwrap().time;
    let mut report = RowReport::new("ams-dz001", device, None);
    report.drain = Some(Drain {
        evicts_as: Some(credential),
        progress: DrainProgress::new(&head, now),
        seen_at: now,
        failure: None,
    });
    let (sender, _events) = unbounded_channel();
    let recorder = Recorder::new(Reports::new(vec![report]), sender);
    let fleet = Fleet::new(client.clone())
        .signed_by(Arc::new(key))
        .parallel(1);
    let due = [DueDevice::new(0, device, &head, credential)];
    let failures = evict(&fleet, &recorder, &due).await.unwrap();
    assert!(failures.is_empty(), "{failures:?}");
    let head = client.device(&device).await.unwrap().unwrap().account.head;
    let evicted = recorder.update_drain(0, |drain| {
        drain.progress.observe(Some(&head), now);
        drain.progress.tally().evicted
    });
    let sends = interfering.sends.load(Ordering::Relaxed);
    (sends, evicted.unwrap(), head.sessions)
}

#[tokio::test]
async fn as_many_as_fit_go_in_a_transaction() {
    let (sends, evicted, left) = evict_among_others(0).await;
    assert_eq!((sends, evicted, left), (2, 20, 0));
}

#[tokio::test]
async fn what_another_party_closed_first_is_left_out_and_the_rest_sent_again() {
    let (sends, evicted, left) = evict_among_others(2).await;
    assert_eq!((sends, evicted, left), (4, 18, 0));
}

#[tokio::test]
async fn a_race_that_is_always_lost_ends_when_nothing_is_left() {
    let (_, evicted, left) = evict_among_others(usize::MAX).await;
    assert_eq!((evicted, left), (0, 0));
}
