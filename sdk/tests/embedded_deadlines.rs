//! Deadlines, holds and reports on the embedded ledger, whatever the host's clock did before.

mod common;

use {
    common::{
        host::{Host, DAY, START, USER},
        wait,
    },
    ebb_sdk::{
        client::Client,
        instruction::{
            activate_device, close_session, create_contributor, create_device, create_location,
            drain_device, initialize, open_session, place_hold, report_health, CreateContributor,
            CreateDevice, CreateLocation, DrainDevice, Expect, Initialize, PlaceHold,
        },
        ledger::{Ledger, LedgerError},
        pda,
        state::{DeviceHead, DeviceType, Health, HoldKind},
        EbbError, ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::signer::Signer,
    std::sync::Arc,
};

/// What a host's clock did before a device is drained.
type Past = (&'static str, fn(&Host));

const PASTS: [Past; 6] = [
    ("nothing", |_| {}),
    ("set forward for one transaction and back", |host| {
        host.set(START + DAY);
        host.pay();
        host.set(START);
    }),
    ("set forward for one read and back", |host| {
        host.set(START + DAY);
        host.time();
        host.set(START);
    }),
    ("set back", |host| host.set(START - DAY)),
    ("set to 1970", |host| host.set(0)),
    ("resumed a week later", |host| host.sleep(7 * DAY)),
];

/// One key is authority, owner, agent and oracle of the device.
struct Network<'a> {
    host: &'a Host,
    me: Pubkey,
    contributor: Pubkey,
    location: Pubkey,
    device: Pubkey,
}

impl<'a> Network<'a> {
    /// An activated device with one session.
    fn new(host: &'a Host) -> Self {
        let me = host.command().default_key().pubkey();
        let network = Self {
            host,
            me,
            contributor: pda::contributor(&ID, "co01").0,
            location: pda::location(&ID, "ams").0,
            device: pda::device(&ID, "ams-dz001").0,
        };
        network.set_up();
        network
    }

    fn set_up(&self) {
        let Self {
            me,
            contributor,
            location,
            device,
            ..
        } = self;
        let registry = Initialize {
            authority: *me,
            health_oracle: *me,
            require_healthy: false,
        };
        let owner = CreateContributor {
            code: "co01".into(),
            authority: *me,
        };
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
            agent: *me,
        };
        let expect = Expect::default();
        for instruction in [
            initialize(&ID, me, me, registry),
            create_contributor(&ID, me, me, owner),
            create_location(&ID, me, me, place),
            create_device(&ID, me, me, contributor, location, machine),
            Ok(activate_device(
                &ID,
                me,
                device,
                location,
                contributor,
                expect,
            )),
            open_session(&ID, me, me, device, &USER, expect),
        ] {
            self.send(instruction).unwrap();
        }
    }

    fn send(&self, instruction: Result<Instruction, EbbError>) -> Result<(), LedgerError> {
        let ledger = self.host.command();
        let key = ledger.default_key();
        wait(ledger.send(&[instruction.unwrap()], &[&key])).map(drop)
    }

    fn refuses(&self, instruction: Result<Instruction, EbbError>, with: EbbError) {
        match self.send(instruction) {
            Err(LedgerError::Refused { error, .. }) => assert_eq!(error, with),
            other => panic!("{other:?}"),
        }
    }

    fn head(&self) -> DeviceHead {
        let client = Client::new(Arc::new(self.host.command()), ID);
        let found = wait(client.device(&self.device)).unwrap();
        found.unwrap().account.head
    }

    fn hold(&self) -> Result<Instruction, EbbError> {
        let args = PlaceHold {
            expect: Expect::default(),
            kind: HoldKind::CriticalTraffic,
            duration_seconds: 90,
            reason: "live".into(),
        };
        place_hold(&ID, &self.me, &self.device, Some(&self.contributor), args)
    }

    fn drain(&self) -> Result<Instruction, EbbError> {
        let args = DrainDevice {
            deadline_seconds: 60,
            ..DrainDevice::default()
        };
        let credential = &self.contributor;
        drain_device(
            &ID,
            &self.me,
            &self.device,
            &self.location,
            credential,
            args,
        )
    }

    fn evict(&self) -> Result<Instruction, EbbError> {
        let (me, credential) = (&self.me, Some(&self.contributor));
        Ok(close_session(
            &ID,
            me,
            &self.device,
            &USER,
            me,
            credential,
            Expect::default(),
        ))
    }

    fn report(&self) -> Result<Instruction, EbbError> {
        let health = Health::Healthy;
        Ok(report_health(
            &ID,
            &self.me,
            &self.device,
            false,
            health,
            Expect::default(),
        ))
    }
}

#[test]
fn holds_deadlines_and_reports_work_whatever_the_hosts_clock_did() {
    for (name, past) in PASTS {
        println!("{name}");
        let host = Host::new();
        let network = Network::new(&host);
        past(&host);

        network.send(network.report()).unwrap();
        let reported = network.head().health_reported_at;
        assert_eq!(reported, host.time());
        host.sleep(30);
        network.send(network.report()).unwrap();
        assert_eq!(network.head().health_reported_at, reported + 30);

        network.send(network.hold()).unwrap();
        host.sleep(89);
        network.refuses(network.drain(), EbbError::LiveHold);
        host.sleep(1);
        network.send(network.drain()).unwrap();

        let head = network.head();
        assert_eq!(head.drain.started_at, reported + 120);
        assert_eq!(head.drain.deadline, reported + 180);
        host.sleep(59);
        network.refuses(network.evict(), EbbError::NotEvictable);
        host.sleep(1);
        network.send(network.evict()).unwrap();
        assert_eq!(network.head().sessions, 0);
    }
}

#[test]
fn a_deadline_passes_although_the_hosts_clock_moves_during_the_drain() {
    for (name, past) in PASTS {
        println!("{name}");
        let host = Host::new();
        let network = Network::new(&host);
        network.send(network.drain()).unwrap();
        past(&host);
        // A wait reads the clock, which is when the ledger learns of the move.
        let seen = host.time();
        host.sleep(60);
        assert_eq!(host.time(), seen + 60);
        network.send(network.evict()).unwrap();
        assert_eq!(network.head().sessions, 0);
    }
}

#[test]
fn a_simulation_runs_at_the_ledgers_time() {
    let host = Host::new();
    let network = Network::new(&host);
    network.send(network.drain()).unwrap();
    let simulate = || {
        let instruction = network.evict().unwrap();
        wait(host.command().simulate(&[instruction], &network.me)).map(drop)
    };
    host.set(START - DAY);
    simulate().unwrap_err();
    host.sleep(60);
    simulate().unwrap();
    assert_eq!(network.head().sessions, 1);
}
