//! The history of an embedded ledger: what real instructions logged.

mod common;

use {
    common::{devices::set_up, folder, open, pay, wait, LIVING},
    ebb_sdk::{
        client::Client,
        embedded::EmbeddedLedger,
        event::EventKind,
        history::{Cursor, DeviceHistory, Head, Walk},
        instruction::*,
        ledger::{Finality, Ledger, LedgerError, SignaturePage},
        pda,
        state::{DeviceType, Health, HoldKind},
        EbbError, Role, ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        signature::{Keypair, Signature},
        signer::Signer,
    },
    std::sync::Arc,
};

const CODE: &str = "ams-dz001";

/// A ledger on which the default key has every role, and another contributor, who registers the same code later.
struct World {
    ledger: Arc<EmbeddedLedger>,
    me: Keypair,
    other: Keypair,
    client: Client,
    _dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = folder();
        let ledger = Arc::new(open(dir.path()));
        set_up(&ledger);
        let world = Self {
            me: ledger.default_key(),
            other: Keypair::new(),
            client: Client::new(ledger.clone(), ID),
            ledger,
            _dir: dir,
        };
        let (me, other) = (&world.me.pubkey(), world.other.pubkey());
        let contributor = CreateContributor {
            code: "co02".into(),
            authority: other,
        };
        world.sends(create_contributor(&ID, me, me, contributor));
        world
    }

    fn try_send(&self, instruction: Result<Instruction, EbbError>) -> Result<(), LedgerError> {
        let signers: [&(dyn Signer + Sync); 2] = [&self.me, &self.other];
        let instruction = instruction.unwrap();
        let needed = instruction
            .accounts
            .iter()
            .any(|account| account.is_signer && account.pubkey == self.other.pubkey());
        let signers = if needed { &signers[..] } else { &signers[..1] };
        wait(self.ledger.send(&[instruction], signers)).map(|_| ())
    }

    fn sends(&self, instruction: Result<Instruction, EbbError>) {
        self.try_send(instruction).unwrap();
    }

    fn creates(&self, contributor: &str, authority: &Pubkey) {
        let args = CreateDevice {
            code: CODE.into(),
            device_type: DeviceType::Hybrid,
            public_ip: [195, 219, 138, 50],
            max_sessions: 64,
            agent: self.me.pubkey(),
        };
        let (me, location) = (&self.me.pubkey(), location());
        let contributor = pda::contributor(&ID, contributor).0;
        self.sends(create_device(
            &ID,
            authority,
            me,
            &contributor,
            &location,
            args,
        ));
    }

    fn history(&self) -> DeviceHistory {
        DeviceHistory::new(self.client.clone(), device(), Some(CODE))
    }
}

fn device() -> Pubkey {
    pda::device(&ID, CODE).0
}

fn location() -> Pubkey {
    pda::location(&ID, "ams").0
}

/// A device's whole life, in which each kind of event happens that a device has.
fn live(world: &World) -> Vec<EventKind> {
    use EventKind::*;
    let (me, other, device, location) = (
        &world.me.pubkey(),
        &world.other.pubkey(),
        &device(),
        &location(),
    );
    let owner = &pda::contributor(&ID, "co01").0;
    let expect = Expect::default();
    let drain = || {
        let args = DrainDevice {
            expect,
            deadline_seconds: 3_600,
            planned_return_seconds: 0,
            force: false,
            reason: "rack power".into(),
        };
        drain_device(&ID, me, device, location, owner, args)
    };
    let update = UpdateDevice {
        expect,
        public_ip: None,
        max_sessions: Some(32),
    };
    let hold = PlaceHold {
        expect,
        kind: HoldKind::CriticalTraffic,
        duration_seconds: 60,
        reason: "backup".into(),
    };
    let key = RegisterDiskKey {
        expect,
        path: "/disk/a".into(),
        commitment: [1; 32],
    };
    let update_args = UpdateDrain {
        expect,
        deadline_seconds: Some(7_200),
        planned_return_seconds: None,
        reason: None,
    };
    let healthy = Health::Healthy;
    world.creates("co01", me);
    let steps = [
        (
            DeviceUpdated,
            update_device(&ID, me, device, owner, None, update),
        ),
        (
            AgentSet,
            set_agent(&ID, me, device, owner, None, other, expect),
        ),
        (
            HealthReported,
            Ok(report_health(&ID, me, device, false, healthy, expect)),
        ),
        (
            DeviceActivated,
            Ok(activate_device(&ID, me, device, location, owner, expect)),
        ),
        (
            SessionOpened,
            open_session(&ID, other, me, device, me, expect),
        ),
        (HoldPlaced, place_hold(&ID, me, device, Some(owner), hold)),
        (
            HoldReleased,
            Ok(release_hold(&ID, me, device, Some(owner), 1, expect)),
        ),
        (
            DiskKeyRegistered,
            register_disk_key(&ID, me, me, me, device, Some(owner), key),
        ),
        (
            CustodianReassigned,
            reassign_custodian(&ID, me, device, "/disk/a", other, expect),
        ),
        (DrainStarted, drain()),
        (
            DrainUpdated,
            update_drain(&ID, me, device, owner, update_args),
        ),
        (
            SessionClosed,
            Ok(close_session(&ID, other, device, me, me, None, expect)),
        ),
        (
            DeviceUndrained,
            Ok(undrain_device(&ID, me, device, location, owner, expect)),
        ),
        (DrainStarted, drain()),
        (
            DeviceRetired,
            Ok(retire_device(&ID, me, device, location, owner, expect)),
        ),
        (
            DiskKeyDestroyed,
            Ok(destroy_disk_key(&ID, other, device, "/disk/a", me, expect)),
        ),
        (
            DeviceRemoved,
            Ok(remove_device(
                &ID, me, device, location, owner, me, owner, expect,
            )),
        ),
    ];
    let mut kinds = vec![DeviceCreated];
    for (kind, instruction) in steps {
        world.sends(instruction);
        kinds.push(kind);
    }
    kinds
}

/// A second registration of the code, by another contributor.
fn register_again(world: &World) -> Vec<EventKind> {
    world.creates("co02", &world.other.pubkey());
    let owner = pda::contributor(&ID, "co02").0;
    let activate = || {
        let me = &world.me.pubkey();
        activate_device(&ID, me, &device(), &location(), &owner, Expect::default())
    };
    world.sends(Ok(activate()));
    // What is refused leaves no record.
    assert!(world.try_send(Ok(activate())).is_err());
    vec![EventKind::DeviceCreated, EventKind::DeviceActivated]
}

#[test]
fn a_devices_history_is_all_that_happened_to_it() {
    let world = World::new();
    let first = live(&world);
    let mut history = world.history();
    let records = wait(history.read()).unwrap();
    assert_eq!(records.len(), first.len());
    assert_eq!(
        (history.gaps(), history.registrations().len()),
        (&[][..], 1)
    );
    // What is new is returned once.
    let second = register_again(&world);
    assert_eq!(wait(history.read()).unwrap().len(), second.len());
    assert_eq!(wait(history.read()).unwrap(), []);

    let registrations = history.registrations();
    assert_eq!(registrations.len(), 2);
    for (registration, kinds) in registrations.iter().zip([&first, &second]) {
        let events = registration.records.iter().map(|record| record.event);
        let found: Vec<_> = events.clone().map(|event| event.kind).collect();
        assert_eq!(found, *kinds);
        let sequences: Vec<_> = events.map(|event| event.sequence).collect();
        let all: Vec<_> = (1..).take(kinds.len()).collect();
        assert_eq!(sequences, all);
    }
    assert_eq!(
        registrations[0].key(),
        Some((pda::contributor(&ID, "co01").0, 1))
    );
    assert_eq!(
        registrations[1].key(),
        Some((pda::contributor(&ID, "co02").0, 1))
    );
    assert!(registrations[0].is_removed() && !registrations[1].is_removed());
    for record in registrations.iter().flat_map(|it| &it.records) {
        assert_eq!(record.code.as_deref(), Some(CODE));
        assert_eq!(record.event.subject, device());
        assert_eq!((record.place, record.is_final), (0, true));
    }
    let drain = &registrations[0].records[10].event;
    assert_eq!(
        (drain.kind, drain.role),
        (EventKind::DrainStarted, Role::Contributor)
    );
    assert_eq!(drain.reason.as_str(), Ok("rack power"));
    assert_eq!(drain.actor, world.me.pubkey());

    // Each kind that a device has was among them.
    let of_devices = 17;
    let kinds: std::collections::HashSet<_> = first.into_iter().collect();
    assert_eq!(kinds.len(), of_devices);
    assert_eq!((history.gaps(), history.failures().len()), (&[][..], 0));
}

#[test]
fn a_device_that_never_was_has_no_history() {
    let world = World::new();
    let address = pda::device(&ID, "nobody").0;
    let mut history = DeviceHistory::new(world.client.clone(), address, None);
    assert_eq!(wait(history.read()).unwrap(), []);
    assert_eq!(
        (history.registrations().len(), history.gaps()),
        (0, &[][..])
    );
    // Neither has what is no device.
    let mut history = DeviceHistory::new(world.client.clone(), location(), None);
    assert!(wait(history.read()).is_ok());
}

#[test]
fn the_programs_history_has_every_accounts_code() {
    let world = World::new();
    let first = live(&world);
    let mut walk = Walk::new(world.client.clone(), Cursor::default());
    let batch = wait(walk.next_batch()).unwrap();
    assert!(batch.is_caught_up && batch.failures.is_empty() && batch.truncated.is_empty());
    let of_network: Vec<_> = batch.records[..4]
        .iter()
        .map(|it| (it.event.kind, it.code.as_deref(), it.place))
        .collect();
    assert_eq!(
        of_network,
        [
            (EventKind::Initialized, None, 0),
            (EventKind::ContributorCreated, Some("co01"), 1),
            (EventKind::LocationCreated, Some("ams"), 2),
            (EventKind::ContributorCreated, Some("co02"), 0),
        ]
    );
    assert_eq!(batch.records.len(), 4 + first.len());
    let heads = [
        wait(world.client.location(&location()))
            .unwrap()
            .map(|it| Head::from(&it)),
        wait(world.client.contributor(&pda::contributor(&ID, "co01").0))
            .unwrap()
            .map(|it| Head::from(&it)),
    ];
    let heads: Vec<_> = heads.into_iter().flatten().collect();
    assert_eq!(heads.len(), 2);
    assert_eq!(ebb_sdk::history::verify(batch.records, &heads), []);
}

#[test]
fn a_journal_is_listed_by_address_and_page() {
    let world = World::new();
    let ledger = &world.ledger;
    let page = |page: SignaturePage| wait(ledger.signatures(&ID, &page));
    pay(ledger, &Pubkey::new_unique(), LIVING).unwrap();
    world.creates("co01", &world.me.pubkey());
    let all = page(SignaturePage::default()).unwrap();
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by(|newer, older| newer.slot > older.slot));
    assert!(all
        .iter()
        .all(|it| it.is_final && !it.failed && it.time.is_some()));
    let of_device = wait(ledger.signatures(&device(), &SignaturePage::default()));
    assert_eq!(of_device.unwrap(), all[..1]);
    let limited = SignaturePage {
        limit: 1,
        before: Some(all[0].signature),
        ..SignaturePage::default()
    };
    assert_eq!(page(limited).unwrap(), all[1..2]);
    let newer = SignaturePage {
        until: Some(all[2].signature),
        ..SignaturePage::default()
    };
    assert_eq!(page(newer).unwrap(), all[..2]);
    for (before, until) in [(Some([1; 64]), None), (None, Some([1; 64]))] {
        let [before, until] = [before, until].map(|it| it.map(Signature::from));
        let unknown = SignaturePage {
            before,
            until,
            ..SignaturePage::default()
        };
        let error = page(unknown).unwrap_err();
        assert!(
            matches!(error, LedgerError::UnknownAnchor { .. }),
            "{error}"
        );
    }
    let find =
        |signature: &Signature| wait(ledger.transaction(signature, Finality::Final)).unwrap();
    assert_eq!(find(&Signature::default()), None);
    let found = find(&all[0].signature).unwrap();
    assert_eq!(
        (found.slot, found.index, found.failed),
        (all[0].slot, Some(0), false)
    );
    assert_eq!((found.calls.len(), found.calls[0].program_id), (1, ID));
    let invoked = format!("Program {ID} invoke [1]");
    assert_eq!(found.logs.unwrap()[0], invoked);
}

#[test]
fn what_another_process_appends_is_listed_too() {
    let world = World::new();
    let list = |ledger: &EmbeddedLedger| {
        let page = SignaturePage::default();
        wait(ledger.signatures(&ID, &page)).unwrap()
    };
    let before = list(&world.ledger);
    let other = open(world.ledger.dir());
    let payer = world.me.pubkey();
    let create = CreateContributor {
        code: "co03".into(),
        authority: payer,
    };
    let create = create_contributor(&ID, &payer, &payer, create).unwrap();
    let receipt = wait(other.send(&[create], &[&world.me])).unwrap();
    let after = list(&world.ledger);
    assert_eq!(after[1..], before);
    assert_eq!(
        (after[0].signature, after[0].slot),
        (receipt.signature, receipt.slot)
    );
    assert_eq!(after, list(&other));
}
