//! What the SDK does with many devices, on an embedded ledger that may lose or refuse what is sent.

mod common;

use {
    async_trait::async_trait,
    common::{folder, open},
    ebb_sdk::{
        client::Client,
        embedded::EmbeddedLedger,
        fleet::{
            DrainAction, DrainOptions, Event, Fleet, FleetError, Found, NewDevice, RowReport,
            RunEnd, RunOptions, Selection, TransactionState,
        },
        instruction::{
            activate_device, create_contributor, create_device, create_location, initialize,
            open_session, place_hold, set_budget, CreateContributor, CreateDevice, CreateLocation,
            Expect, Initialize, PlaceHold,
        },
        ledger::{Ledger, LedgerError, Receipt, SendLayer},
        lifecycle::Action,
        pda,
        state::{DeviceType, HoldKind, ProvisioningStatus},
        EbbError, ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        signature::{Keypair, Signature},
        signer::Signer,
    },
    std::{
        net::Ipv4Addr,
        sync::{
            atomic::{AtomicUsize, Ordering},
            Arc, Mutex,
        },
    },
    tempfile::TempDir,
};

/// What happens to a transaction on its way.
#[derive(Clone, Copy)]
enum Fate {
    /// It lands, and nobody says so.
    Unconfirmed,
    /// It is dropped.
    Dropped,
}

/// A ledger that loses the next transactions, each in its way, and counts what is sent.
struct Lossy {
    ledger: EmbeddedLedger,
    fates: Mutex<Vec<Fate>>,
    sends: AtomicUsize,
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
    ) -> Result<Receipt, LedgerError> {
        self.sends.fetch_add(1, Ordering::Relaxed);
        let fate = self.fates.lock().unwrap().pop();
        match fate {
            Some(Fate::Dropped) => Err(LedgerError::Dropped { attempts: 1 }),
            Some(Fate::Unconfirmed) => {
                let receipt = self.ledger.send(instructions, signers).await?;
                Err(LedgerError::Unconfirmed(receipt.signature))
            }
            None => self.ledger.send(instructions, signers).await,
        }
    }
}

/// A network of one contributor and one location. One key has every role.
struct Network {
    _folder: TempDir,
    ledger: Arc<Lossy>,
    key: Arc<Keypair>,
    fleet: Fleet,
}

fn device(number: usize) -> Pubkey {
    pda::device(&ID, &code(number)).0
}

fn code(number: usize) -> String {
    format!("ams-dz{number:03}")
}

fn location() -> Pubkey {
    pda::location(&ID, "ams").0
}

fn contributor() -> Pubkey {
    pda::contributor(&ID, "co01").0
}

impl Network {
    /// A network with so many activated devices.
    async fn new(devices: usize) -> Self {
        let folder = folder();
        let ledger = open(&folder.path().join("ledger"));
        let key = ledger.default_key();
        let me = key.pubkey();
        let ledger = Arc::new(Lossy {
            ledger,
            fates: Mutex::default(),
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

    async fn send(&self, instruction: Instruction) {
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

    async fn hold(&self, number: usize) {
        let me = self.key.pubkey();
        let hold = PlaceHold {
            expect: Expect::default(),
            kind: HoldKind::CriticalTraffic,
            duration_seconds: 3_600,
            reason: "".into(),
        };
        let credential = contributor();
        let place = place_hold(&ID, &me, &device(number), Some(&credential), hold);
        self.send(place.unwrap()).await;
    }

    async fn budget(&self, min_activated: u32) {
        let me = self.key.pubkey();
        self.send(set_budget(&ID, &me, &location(), min_activated))
            .await;
    }

    /// What is sent from now on meets these fates, one after another.
    fn lose(&self, fates: &[Fate]) {
        *self.ledger.fates.lock().unwrap() = fates.iter().rev().copied().collect();
    }

    fn sends(&self) -> usize {
        self.ledger.sends.load(Ordering::Relaxed)
    }

    async fn found(&self) -> Vec<Found> {
        let selected = self.fleet.select(&Selection::default()).await.unwrap();
        selected.found(&self.fleet).await.unwrap()
    }

    async fn draining(&self) -> Vec<String> {
        let draining = Selection {
            status: vec![ProvisioningStatus::Draining],
            ..Selection::default()
        };
        let selected = self.fleet.select(&draining).await.unwrap();
        let codes = selected.devices();
        codes.map(|it| it.unwrap().device.account.code).collect()
    }

    /// Drains all devices, so many transactions at a time.
    async fn drain(&self, parallel: usize) -> Vec<RowReport> {
        let fleet = self.fleet.clone().parallel(parallel);
        let plan = fleet.plan_drain(self.found().await, &DrainOptions::default());
        let run = fleet.drain(plan.unwrap(), RunOptions::default());
        run.finish().await.unwrap()
    }
}

/// What became of each device: its signature if one is known, or the rule that refused it.
fn results(reports: &[RowReport]) -> Vec<&'static str> {
    let result = |report: &RowReport| match (&report.failure, report.transaction) {
        (Some(failure), _) => failure.rule().map_or("failed", EbbError::name),
        (None, TransactionState::Accepted(Some(_))) => "accepted",
        (None, TransactionState::Accepted(None)) => "found accepted",
        (None, TransactionState::Sent) => "sent",
        (None, TransactionState::NotSent) if report.unchanged => "unchanged",
        (None, TransactionState::NotSent) => "not sent",
    };
    reports.iter().map(result).collect()
}

#[tokio::test]
async fn what_landed_unconfirmed_is_found_and_not_sent_again() {
    let network = Network::new(2).await;
    network.lose(&[Fate::Unconfirmed]);
    assert_eq!(
        results(&network.drain(2).await),
        ["found accepted", "accepted"]
    );
    assert_eq!(network.sends(), 2);
    assert_eq!(network.draining().await, ["ams-dz000", "ams-dz001"]);
}

#[tokio::test]
async fn what_was_dropped_is_sent_again_three_times_at_most() {
    let network = Network::new(1).await;
    network.lose(&[Fate::Dropped, Fate::Dropped]);
    assert_eq!(results(&network.drain(1).await), ["accepted"]);
    assert_eq!(network.sends(), 3);

    let network = Network::new(1).await;
    network.lose(&[Fate::Dropped; 3]);
    let reports = network.drain(1).await;
    assert!(reports[0].failure.as_ref().unwrap().is_lost());
    assert_eq!(network.sends(), 3);
    assert!(network.draining().await.is_empty());
}

#[tokio::test]
async fn a_pack_that_landed_unconfirmed_is_found_device_by_device() {
    let network = Network::new(6).await;
    network.lose(&[Fate::Unconfirmed]);
    assert_eq!(results(&network.drain(1).await), ["found accepted"; 6]);
    assert_eq!(network.sends(), 1);
}

#[tokio::test]
async fn one_that_is_refused_is_taken_out_of_its_transaction() {
    let network = Network::new(6).await;
    let fleet = network.fleet.clone().parallel(1);
    let plan = fleet.plan_drain(network.found().await, &DrainOptions::default());
    // It comes after the plan, so only the program refuses it.
    network.hold(2).await;
    network.ledger.sends.store(0, Ordering::Relaxed);
    let run = fleet.drain(plan.unwrap(), RunOptions::default());
    let reports = run.finish().await.unwrap();
    assert_eq!(
        results(&reports),
        ["accepted", "accepted", "LiveHold", "accepted", "accepted", "accepted"]
    );
    assert_eq!(network.sends(), 2);
    let signatures: Vec<Option<Signature>> = reports
        .iter()
        .map(|report| report.transaction.signature())
        .collect();
    assert_eq!(signatures[0], signatures[5]);
    // The report has the device as it was read after the refusal.
    let last = reports[2].last.as_ref().unwrap();
    assert_eq!(last.head().live_holds(last.now).count(), 1);
}

#[tokio::test]
async fn a_plan_reserves_the_budget_and_says_why_not() {
    let network = Network::new(4).await;
    network.budget(2).await;
    network.hold(0).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let outlook: Vec<(bool, Option<u32>)> = plan
        .devices()
        .iter()
        .map(|device| (device.is_over_budget, device.budget.map(|it| it.activated)))
        .collect();
    assert_eq!(
        outlook,
        [
            (false, None),
            (false, Some(4)),
            (false, Some(3)),
            (true, Some(2))
        ]
    );
    let refused = |action: &DrainAction| match action {
        DrainAction::Refuse(error) => error.rule(),
        _ => None,
    };
    assert_eq!(refused(&plan.devices()[0].action), Some(EbbError::LiveHold));
    let dry = plan.refuse_over_budget();
    assert_eq!(
        refused(&dry.devices()[3].action),
        Some(EbbError::BudgetExceeded)
    );
    assert_eq!(
        network.sends(),
        2,
        "the budget and the hold alone were sent"
    );
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_word_of_what_was_sent() {
    // More than go in one transaction.
    let network = Network::new(30).await;
    let fleet = network.fleet.clone().parallel(1);
    let plan = fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = fleet.drain(plan, RunOptions::waiting());
    let reports = run.reports();
    while !matches!(
        run.next_event().await.unwrap(),
        Some(Event::Accepted { .. })
    ) {}
    assert_eq!(run.ended(), None);
    drop(run);
    let left = reports.all();
    let draining = network.draining().await;
    let accepted = left
        .iter()
        .filter(|report| report.transaction.signature().is_some());
    let accepted: Vec<&str> = accepted.map(|report| report.code.as_str()).collect();
    assert_eq!(accepted, draining);
    assert!(accepted.len() < 30, "{accepted:?}");

    // Planned again, it goes on where it was.
    let again = results(&network.drain(1).await);
    let unchanged = again.iter().filter(|result| **result == "unchanged");
    assert_eq!(unchanged.count(), accepted.len());
    assert_eq!(network.draining().await.len(), 30);
}

#[tokio::test]
async fn a_stopped_run_yields_what_has_happened_and_ends() {
    let network = Network::new(1).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = network.fleet.drain(plan, RunOptions::default());
    run.stop();
    assert!(run.next_event().await.unwrap().is_none());
    assert_eq!(run.ended(), Some(RunEnd::Stopped));
    assert_eq!(network.sends(), 0);
}

#[tokio::test]
async fn events_are_json_that_names_the_device() {
    let network = Network::new(1).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = network.fleet.drain(plan, RunOptions::waiting());
    let mut events = vec![];
    while let Some(event) = run.next_event().await.unwrap() {
        events.push(serde_json::to_value(event).unwrap());
    }
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["sending", "accepted", "watching", "changed", "surveyed"]
    );
    let report = run.reports().get(0).unwrap();
    assert_eq!(
        events[1],
        serde_json::json!({
            "event": "accepted",
            "device": {"row": 0, "code": "ams-dz000"},
            "signature": report.transaction.signature().unwrap().to_string(),
        })
    );
    assert_eq!(
        events[3]["change"],
        serde_json::json!({"change": "ended", "end": "drained"})
    );
    assert_eq!(run.ended(), Some(RunEnd::Done));
}

#[tokio::test]
async fn a_rolling_drain_starts_one_when_another_is_drained() {
    let network = Network::new(5).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = network.fleet.drain(plan, RunOptions::rolling(2));
    let reports = run.reports();
    let mut most = 0;
    while run.next_event().await.unwrap().is_some() {
        let open = |report: &&RowReport| report.drain.as_ref().is_some_and(|it| it.is_open());
        most = most.max(reports.read(|reports| reports.iter().filter(open).count()));
    }
    assert_eq!(most, 2);
    assert_eq!(results(&reports.all()), ["accepted"; 5]);
}

#[tokio::test]
async fn only_what_may_be_evicted_is() {
    let network = Network::new(3).await;
    let me = network.key.pubkey();
    for (number, user) in [(0, 1), (0, 2), (1, 3)] {
        let user = Pubkey::new_from_array([user; 32]);
        let open = open_session(&ID, &me, &me, &device(number), &user, Expect::default());
        network.send(open.unwrap()).await;
    }
    let drain = |seconds, found| {
        let options = DrainOptions::default().with_deadline(seconds);
        let plan = network.fleet.plan_drain(found, &options).unwrap();
        network.fleet.drain(plan, RunOptions::default()).finish()
    };
    let mut found = network.found().await;
    found.truncate(2);
    let late = found.split_off(1);
    drain(60, found).await.unwrap();
    drain(3_600, late).await.unwrap();
    network.ledger.ledger.advance(61).unwrap();

    let run = network.fleet.evict(network.found().await).unwrap();
    let reports = run.finish().await.unwrap();
    assert_eq!(results(&reports), ["unchanged", "unchanged", "NotDraining"]);
    let left = |row: usize| {
        let progress = reports[row].drain.as_ref().unwrap().progress;
        (progress.tally().evicted, progress.last().sessions)
    };
    assert_eq!((left(0), left(1)), ((2, 0), (0, 1)));
}

#[tokio::test]
async fn steps_leave_alone_what_is_done_already() {
    let network = Network::new(2).await;
    let found = network.found().await;
    network.drain(2).await;
    let drained = network.found().await;
    let step = |action, found| {
        let plan = network.fleet.plan_step(action, found).unwrap();
        network.fleet.take_step(plan).finish()
    };
    let reports = step(Action::Undrain, drained.clone()).await.unwrap();
    assert_eq!(results(&reports), ["accepted"; 2]);
    let to = reports[0].moved.unwrap().to;
    assert_eq!(to, Some(ProvisioningStatus::Activated));
    let reports = step(Action::Undrain, found).await.unwrap();
    assert_eq!(results(&reports), ["unchanged"; 2]);
    network.drain(2).await;
    network.lose(&[Fate::Unconfirmed, Fate::Unconfirmed]);
    let reports = step(Action::Undrain, network.found().await).await.unwrap();
    assert_eq!(results(&reports), ["found accepted"; 2]);
    // As they were read they drain; the program says otherwise, and they are read again.
    let reports = step(Action::Undrain, drained).await.unwrap();
    assert_eq!(results(&reports), ["unchanged"; 2]);
}

#[tokio::test]
async fn a_retirement_goes_as_far_as_it_can() {
    let network = Network::new(2).await;
    network.drain(2).await;
    network.lose(&[Fate::Unconfirmed]);
    let plan = network
        .fleet
        .plan_step(Action::Retire, network.found().await)
        .unwrap();
    let run = network.fleet.retire(plan, RunOptions::waiting());
    let reports = run.finish().await.unwrap();
    assert_eq!(results(&reports), ["found accepted", "accepted"]);
    let moved = reports[1].moved.unwrap();
    assert_eq!(moved.from, ProvisioningStatus::Draining);
    assert_eq!(moved.to, Some(ProvisioningStatus::Retired));
}

#[tokio::test]
async fn an_import_goes_on_where_it_was() {
    let network = Network::new(1).await;
    let wanted = |number| NewDevice {
        code: code(number),
        contributor: contributor(),
        location: location(),
        device_type: DeviceType::Hybrid,
        public_ip: Ipv4Addr::new(195, 219, 138, 50),
        max_sessions: if number == 3 { 0 } else { 64 },
        agent: None,
    };
    let import = || network.fleet.import_devices((0..6).map(wanted).collect());
    network.lose(&[Fate::Unconfirmed]);
    let reports = import().finish().await.unwrap();
    let mut expected = ["found accepted"; 6];
    (expected[0], expected[3]) = ("unchanged", "InvalidMaxSessions");
    assert_eq!(results(&reports), expected);
    let again = import().finish().await.unwrap();
    let mut expected = ["unchanged"; 6];
    expected[3] = "InvalidMaxSessions";
    assert_eq!(results(&again), expected);
}

#[tokio::test]
async fn nothing_is_signed_without_a_signer() {
    let network = Network::new(1).await;
    let fleet = Fleet::new(network.fleet.client().clone());
    let plan = fleet.plan_drain(network.found().await, &DrainOptions::default());
    assert!(matches!(plan, Err(FleetError::NoSigner(_))));
    network.drain(1).await;
    // What drains already is watched by anyone.
    let plan = fleet.plan_drain(network.found().await, &DrainOptions::default());
    let run = fleet.drain(plan.unwrap(), RunOptions::waiting());
    assert_eq!(results(&run.finish().await.unwrap()), ["unchanged"]);
}
