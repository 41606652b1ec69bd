//! A network on a ledger that may lose what is sent.

use {
    crate::{
        common::{folder, open},
        unsteady::{out_of_reach, Unsteady},
    },
    async_trait::async_trait,
    ebb_sdk::{
        client::Client,
        fleet::{DrainOptions, Fleet, Found, RowReport, RunOptions, Selection, TransactionState},
        instruction::{
            activate_device, create_contributor, create_device, create_location, drain_device,
            initialize, open_session, place_hold, report_health, set_budget, CreateContributor,
            CreateDevice, CreateLocation, DrainDevice, Expect, Initialize, PlaceHold,
        },
        ledger::{Ledger, LedgerError, SendLayer, Submission},
        pda,
        state::{DeviceType, Health, HoldKind, ProvisioningStatus},
        EbbError, ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        signature::{Keypair, Signature},
        signer::Signer,
    },
    std::sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex,
    },
    tempfile::TempDir,
};

/// What happens to a transaction that is sent.
#[derive(Clone, Copy)]
pub enum Fate {
    /// It lands, and nobody says so.
    Unconfirmed,
    /// Nobody says whether it landed, and it has not.
    Late,
    /// It is dropped.
    Dropped,
    /// The cluster is out of reach.
    OutOfReach,
    /// It lands, and then accounts cannot be read once.
    Unread,
}

/// A ledger on which the next transactions meet their fates, one after another, and that counts what is sent.
pub struct Lossy {
    pub ledger: Unsteady,
    fates: Mutex<Vec<Fate>>,
    /// What another party sends right after the next of them.
    meanwhile: Mutex<Option<Instruction>>,
    pub sends: AtomicUsize,
}

impl Lossy {
    async fn meet(
        &self,
        fate: Fate,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        match fate {
            Fate::Unconfirmed => {
                let receipt = self.ledger.send(instructions, signers).await?;
                Err(LedgerError::Unconfirmed(receipt.signature))
            }
            Fate::Late => Err(LedgerError::Unconfirmed(Signature::default())),
            Fate::Dropped => Err(LedgerError::Dropped { attempts: 1 }),
            Fate::OutOfReach => Err(out_of_reach()),
            Fate::Unread => {
                let submission = self.ledger.submit(instructions, signers).await;
                self.ledger.failures.store(1, Ordering::Relaxed);
                submission
            }
        }
    }
}

#[async_trait]
impl SendLayer for Lossy {
    fn ledger(&self) -> &dyn Ledger {
        &self.ledger
    }

    async fn forward(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        self.sends.fetch_add(1, Ordering::Relaxed);
        let fate = self.fates.lock().unwrap().pop();
        let Some(fate) = fate else {
            return self.ledger.submit(instructions, signers).await;
        };
        let submitted = self.meet(fate, instructions, signers).await;
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(instruction) = meanwhile {
            self.ledger.send(&[instruction], signers).await?;
        }
        submitted
    }
}

/// A network of one contributor and one location. One key has every role.
pub struct Network {
    _folder: TempDir,
    pub ledger: Arc<Lossy>,
    pub key: Arc<Keypair>,
    pub fleet: Fleet,
}

pub fn device(number: usize) -> Pubkey {
    pda::device(&ID, &code(number)).0
}

pub fn code(number: usize) -> String {
    format!("ams-dz{number:03}")
}

pub fn location() -> Pubkey {
    pda::location(&ID, "ams").0
}

pub fn contributor() -> Pubkey {
    pda::contributor(&ID, "co01").0
}

impl Network {
    /// A network with so many activated devices.
    pub async fn new(devices: usize) -> Self {
        let folder = folder();
        let ledger = open(&folder.path().join("ledger"));
        let key = ledger.default_key();
        let me = key.pubkey();
        let ledger = Arc::new(Lossy {
            ledger: Unsteady::new(ledger),
            fates: Mutex::default(),
            meanwhile: Mutex::default(),
            sends: AtomicUsize::new(0),
        });
        let key = Arc::new(key);
        let fleet = Fleet::new(Client::new(ledger.clone(), ID)).signed_by(key.clone());
        let network = Self {
            _folder: folder,
            ledger,
            key,
            fleet,
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
        let place = CreateLocation {
            code: "ams".into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated: 0,
        };
        network
            .send(initialize(&ID, &me, &me, registry).unwrap())
            .await;
        network
            .send(create_contributor(&ID, &me, &me, owner).unwrap())
            .await;
        network
            .send(create_location(&ID, &me, &me, place).unwrap())
            .await;
        for number in 0..devices {
            network.add(number).await;
        }
        network.ledger.sends.store(0, Ordering::Relaxed);
        network
    }

    pub async fn send(&self, instruction: Instruction) {
        self.ledger
            .send(&[instruction], &[&*self.key])
            .await
            .unwrap();
    }

    async fn add(&self, number: usize) {
        let me = self.key.pubkey();
        let machine = CreateDevice {
            code: code(number).as_str().into(),
            device_type: DeviceType::Hybrid,
            public_ip: [195, 219, 138, 50],
            max_sessions: 64,
            agent: me,
        };
        let (owner, place) = (contributor(), location());
        let create = create_device(&ID, &me, &me, &owner, &place, machine).unwrap();
        self.send(create).await;
        let (device, expect) = (device(number), Expect::default());
        self.send(activate_device(&ID, &me, &device, &place, &owner, expect))
            .await;
    }

    pub async fn hold(&self, number: usize) {
        self.send(self.place_hold(number)).await;
    }

    /// A hold that keeps a device from draining.
    pub fn place_hold(&self, number: usize) -> Instruction {
        let me = self.key.pubkey();
        let hold = PlaceHold {
            expect: Expect::default(),
            kind: HoldKind::CriticalTraffic,
            duration_seconds: 3_600,
            reason: "".into(),
        };
        let credential = contributor();
        place_hold(&ID, &me, &device(number), Some(&credential), hold).unwrap()
    }

    pub async fn budget(&self, min_activated: u32) {
        let me = self.key.pubkey();
        self.send(set_budget(&ID, &me, &location(), min_activated))
            .await;
    }

    /// What is sent from now on meets these fates, one after another.
    pub fn lose(&self, fates: &[Fate]) {
        *self.ledger.fates.lock().unwrap() = fates.iter().rev().copied().collect();
    }

    /// What another party sends right after the next transaction that meets a fate.
    pub fn meanwhile(&self, instruction: Instruction) {
        *self.ledger.meanwhile.lock().unwrap() = Some(instruction);
    }

    /// The opening of a user's session.
    pub fn open(&self, number: usize, user: u8) -> Instruction {
        let (me, expect) = (self.key.pubkey(), Expect::default());
        let user = Pubkey::new_from_array([user; 32]);
        open_session(&ID, &me, &me, &device(number), &user, expect).unwrap()
    }

    /// The report of a device's health.
    pub fn report(&self, number: usize, health: Health) -> Instruction {
        let (me, expect) = (self.key.pubkey(), Expect::default());
        report_health(&ID, &me, &device(number), false, health, expect)
    }

    /// The start of a device's drain.
    pub fn start_drain(&self, number: usize) -> Instruction {
        let (me, drain) = (self.key.pubkey(), DrainDevice::default());
        drain_device(
            &ID,
            &me,
            &device(number),
            &location(),
            &contributor(),
            drain,
        )
        .unwrap()
    }

    pub fn sends(&self) -> usize {
        self.ledger.sends.load(Ordering::Relaxed)
    }

    pub async fn found(&self) -> Vec<Found> {
        let selected = self.fleet.select(&Selection::default()).await.unwrap();
        selected.found(&self.fleet).await.unwrap()
    }

    pub async fn draining(&self) -> Vec<String> {
        let draining = Selection {
            status: vec![ProvisioningStatus::Draining],
            ..Selection::default()
        };
        let selected = self.fleet.select(&draining).await.unwrap();
        let codes = selected.devices();
        codes.map(|it| it.unwrap().device.account.code).collect()
    }

    /// Drains all devices, so many transactions at a time.
    pub async fn drain(&self, parallel: usize) -> Vec<RowReport> {
        let fleet = self.fleet.clone().parallel(parallel);
        let plan = fleet.plan_drain(self.found().await, &DrainOptions::default());
        let run = fleet.drain(plan.unwrap(), RunOptions::default());
        run.finish().await.unwrap()
    }
}

/// The outcome of each device: its signature if one is known, or the rule that refused it.
pub fn results(reports: &[RowReport]) -> Vec<&'static str> {
    let result = |report: &RowReport| match (&report.failure, &report.transaction) {
        (Some(failure), _) => failure.rule().map_or("failed", EbbError::name),
        (None, TransactionState::Accepted(Some(_))) => "accepted",
        (None, TransactionState::Accepted(None)) => "found accepted",
        (None, TransactionState::Signed(_)) => "signed",
        (None, TransactionState::Sent) => "sent",
        (None, TransactionState::NotSent) if report.unchanged => "unchanged",
        (None, TransactionState::NotSent) => "not sent",
    };
    reports.iter().map(result).collect()
}
