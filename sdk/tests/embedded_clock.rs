//! The embedded ledger's clock, whatever the host's did before.

mod common;

use {
    common::{open, pay, wait, LIVING},
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions, HostClock},
        instruction::{
            activate_device, close_session, create_contributor, create_device, create_location,
            drain_device, initialize, open_session, place_hold, report_health, CreateContributor,
            CreateDevice, CreateLocation, DrainDevice, Expect, Initialize, PlaceHold,
        },
        ledger::{Ledger, LedgerError, Now},
        pda,
        state::{DeviceHead, DeviceType, Health, HoldKind},
        EbbError, ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::signer::Signer,
    std::{
        fs,
        path::Path,
        sync::{
            atomic::{AtomicI64, Ordering},
            Arc,
        },
        thread,
        time::{Duration, SystemTime, UNIX_EPOCH},
    },
    tempfile::TempDir,
};

/// When every host's clock starts.
const START: i64 = 1_800_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const USER: Pubkey = Pubkey::new_from_array([8; 32]);

/// A host, whose clock is set at will, and a ledger on it.
struct Host {
    dir: TempDir,
    clock: Arc<SetClock>,
}

#[derive(Debug)]
struct SetClock(AtomicI64);

impl HostClock for SetClock {
    fn now(&self) -> SystemTime {
        let seconds = self.0.load(Ordering::Relaxed);
        UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
    }
}

impl Host {
    /// With a ledger that was made at [`START`].
    fn new() -> Self {
        let host = Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(SetClock(AtomicI64::new(START))),
        };
        host.command();
        host
    }

    fn set(&self, time: i64) {
        self.clock.0.store(time, Ordering::Relaxed);
    }

    fn sleep(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The ledger as a command opens it, which shares nothing with others but the folder.
    fn command(&self) -> EmbeddedLedger {
        let options = EmbeddedOptions {
            clock: self.clock.clone(),
            ..EmbeddedOptions::default()
        };
        EmbeddedLedger::open(self.dir.path(), options).unwrap()
    }

    /// What a command finds the ledger's time to be.
    fn time(&self) -> i64 {
        wait(self.command().now()).unwrap().time
    }

    fn offset(&self) -> i64 {
        self.command().info().unwrap().offset
    }

    /// Sends lamports and returns the time on the chain then.
    fn pay(&self) -> i64 {
        let ledger = self.command();
        pay(&ledger, &USER, LIVING).unwrap();
        ledger.history().unwrap().last().unwrap().time
    }
}

#[test]
fn set_forward_for_one_transaction_and_back_it_goes_on_from_there() {
    let host = Host::new();
    assert_eq!((host.pay(), host.offset()), (START, 0));
    host.set(START + DAY);
    assert_eq!(host.pay(), START + DAY);
    assert_eq!(host.offset(), 0);
    host.set(START + 10);
    assert_eq!(host.time(), START + DAY + 1);
    assert_eq!(host.offset(), DAY - 9);
    host.sleep(7);
    assert_eq!(host.time(), START + DAY + 8);
    assert_eq!(host.pay(), START + DAY + 8);
    assert_eq!(host.offset(), DAY - 9);
}

#[test]
fn set_forward_for_one_read_and_back_it_goes_on_from_there() {
    let host = Host::new();
    host.set(START + DAY);
    assert_eq!(host.time(), START + DAY);
    host.set(START);
    assert_eq!(host.time(), START + DAY + 1);
    host.sleep(60);
    assert_eq!(host.pay(), START + DAY + 61);
    assert_eq!(host.offset(), DAY + 1);
}

#[test]
fn set_back_it_goes_on_at_the_hosts_pace() {
    for back in [START - 1, START - HOUR, START - 10_000 * DAY, 0] {
        let host = Host::new();
        host.set(back);
        assert_eq!(host.pay(), START + 1);
        assert_eq!(host.offset(), START + 1 - back);
        for _ in 0..3 {
            let before = host.time();
            host.sleep(5);
            assert_eq!(host.time(), before + 5);
        }
        assert_eq!(host.pay(), START + 16);
    }
}

#[test]
fn set_back_for_one_read_and_forward_again_the_ledger_is_ahead_by_as_much() {
    let host = Host::new();
    host.set(START - HOUR);
    assert_eq!(host.time(), START + 1);
    host.set(START + 5);
    assert_eq!(host.time(), START + 1 + HOUR + 5);
    assert_eq!(host.offset(), HOUR + 1);
}

#[test]
fn set_back_while_one_object_reads_it_goes_on_at_the_hosts_pace() {
    let host = Host::new();
    let ledger = host.command();
    let now = || wait(ledger.now()).unwrap().time;
    host.sleep(100);
    assert_eq!(now(), START + 100);
    host.set(START - HOUR);
    assert_eq!(now(), START + 101);
    host.sleep(30);
    assert_eq!((now(), host.time()), (START + 131, START + 131));
}

#[test]
fn resumed_a_week_later_it_is_a_week_later() {
    let host = Host::new();
    host.pay();
    host.sleep(7 * DAY);
    assert_eq!(host.time(), START + 7 * DAY);
    assert_eq!(host.pay(), START + 7 * DAY);
    assert_eq!(host.offset(), 0);
}

#[test]
fn commands_in_the_same_second_keep_their_order() {
    let host = Host::new();
    let mut times = vec![];
    for time in [
        START + DAY,
        START,
        START,
        START,
        START + 1,
        START - DAY,
        START - DAY,
    ] {
        host.set(time);
        times.push(host.pay());
    }
    let ahead = START + DAY;
    assert_eq!(
        times,
        [
            ahead,
            ahead + 1,
            ahead + 1,
            ahead + 1,
            ahead + 2,
            ahead + 3,
            ahead + 3
        ]
    );
    let history = host.command().history().unwrap();
    assert!(history.windows(2).all(|pair| pair[0].slot < pair[1].slot));
}

#[test]
fn slots_go_on_with_the_time() {
    let host = Host::new();
    let now = || wait(host.command().now()).unwrap();
    let Now { slot, time } = now();
    host.set(START - DAY);
    assert_eq!(
        now(),
        Now {
            slot: slot + 2,
            time: time + 1
        }
    );
    host.sleep(60);
    assert_eq!(
        now(),
        Now {
            slot: slot + 152,
            time: time + 61
        }
    );
}

#[test]
fn advancing_adds_to_the_offset_and_lasts() {
    let host = Host::new();
    host.set(START - 100);
    assert_eq!(host.time(), START + 1);
    let later = host.command().advance(1_000).unwrap();
    assert_eq!(later.time, START + 1_001);
    assert_eq!((host.time(), host.offset()), (START + 1_001, 1_101));
    host.set(START);
    assert_eq!(host.time(), START + 1_101);
}

#[test]
fn a_ledger_without_its_clocks_file_knows_the_time_of_its_last_transaction() {
    let host = Host::new();
    let clock = host.dir.path().join("clock");
    host.set(START + DAY);
    host.pay();
    host.set(START);
    for damage in [
        || None,
        || Some(b"".as_slice()),
        || Some([0; 32].as_slice()),
        || Some([7; 99].as_slice()),
    ] as [fn() -> Option<&'static [u8]>; 4]
    {
        match damage() {
            None => fs::remove_file(&clock).unwrap(),
            Some(content) => fs::write(&clock, content).unwrap(),
        }
        assert_eq!(host.time(), START + DAY + 1);
        assert_eq!(fs::metadata(&clock).unwrap().len(), 32);
    }
}

#[test]
fn a_new_ledger_in_a_reset_folder_has_a_clock_of_its_own() {
    let host = Host::new();
    host.set(START + DAY);
    host.pay();
    EmbeddedLedger::reset(host.dir.path(), Duration::ZERO).unwrap();
    host.set(START);
    assert_eq!((host.time(), host.offset()), (START, 0));
}

#[test]
fn by_default_it_is_the_systems_clock() {
    let dir = tempfile::tempdir().unwrap();
    let before = UNIX_EPOCH.elapsed().unwrap().as_secs();
    let time = wait(open(dir.path()).now()).unwrap().time;
    let after = UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!((before..=after).contains(&time.try_into().unwrap()));
}

#[test]
fn many_readers_see_one_time_while_the_hosts_clock_jumps() {
    const READS: i64 = 150;
    let host = Host::new();
    let latest = AtomicI64::new(0);
    thread::scope(|scope| {
        for reader in 1..=4 {
            let (host, latest) = (&host, &latest);
            scope.spawn(move || {
                let ledger = host.command();
                for read in 1..=READS {
                    // Back and forth, and never twice the same way.
                    host.set(START + (read * 7_919 * reader) % DAY - HOUR);
                    let before = latest.load(Ordering::SeqCst);
                    let time = wait(ledger.now()).unwrap().time;
                    assert!(time >= before, "{time} after {before}");
                    latest.fetch_max(time, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(host.time() >= latest.load(Ordering::SeqCst));
}

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
            activate_device(&ID, me, device, location, contributor, expect),
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
        close_session(
            &ID,
            me,
            &self.device,
            &USER,
            me,
            credential,
            Expect::default(),
        )
    }

    fn report(&self) -> Result<Instruction, EbbError> {
        let health = Health::Healthy;
        report_health(
            &ID,
            &self.me,
            &self.device,
            false,
            health,
            Expect::default(),
        )
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
        // A wait looks at the clock, which is when the ledger learns of the move.
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

#[test]
fn the_folder_holds_the_clock_and_nothing_else_is_consulted() {
    let (host, elsewhere) = (Host::new(), tempfile::tempdir().unwrap());
    host.set(START + DAY);
    host.pay();
    host.set(START);
    host.time();
    copy(host.dir.path(), elsewhere.path());
    let options = EmbeddedOptions {
        clock: host.clock.clone(),
        ..EmbeddedOptions::default()
    };
    let copy = EmbeddedLedger::open(elsewhere.path(), options).unwrap();
    host.sleep(3);
    assert_eq!(wait(copy.now()).unwrap().time, host.time());
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => {
                fs::create_dir(&to).unwrap();
                copy(&entry.path(), &to);
            }
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}
