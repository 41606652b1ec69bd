//! A device's life on an embedded ledger, and the life after it.

use {
    super::{devices::set_up, folder, open, wait},
    ebb_sdk::{
        client::Client,
        embedded::EmbeddedLedger,
        event::EventKind,
        history::DeviceHistory,
        instruction::*,
        ledger::{Ledger, LedgerError},
        pda,
        state::{DeviceType, Health, HoldKind},
        EbbError, ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{signature::Keypair, signer::Signer},
    std::sync::Arc,
};

pub const CODE: &str = "ams-dz001";

/// A ledger on which the default key has every role, and another contributor, who registers the same code later.
pub struct World {
    pub ledger: Arc<EmbeddedLedger>,
    pub me: Keypair,
    pub other: Keypair,
    pub client: Client,
    _dir: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
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

    pub fn try_send(&self, instruction: Result<Instruction, EbbError>) -> Result<(), LedgerError> {
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

    pub fn creates(&self, contributor: &str, authority: &Pubkey) {
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

    pub fn history(&self) -> DeviceHistory {
        DeviceHistory::new(self.client.clone(), device(), Some(CODE))
    }
}

pub fn device() -> Pubkey {
    pda::device(&ID, CODE).0
}

pub fn location() -> Pubkey {
    pda::location(&ID, "ams").0
}

/// A device's whole life, in which each kind of event happens that a device has.
pub fn live(world: &World) -> Vec<EventKind> {
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
pub fn register_again(world: &World) -> Vec<EventKind> {
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
