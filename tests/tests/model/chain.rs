//! The compiled program in its SVM, and what is asked of it after every instruction.
//!
//! [`World`] itself asks of every transaction that a refusal writes nothing, that an acceptance
//! leaves all counts as a full scan finds them, keeps what each status promises, and logs one event
//! with the next sequence.

use {
    crate::machine::Attempt,
    ebb_sdk::{
        event::{Event, EventKind},
        state::{Device, DiskKey, DrainRecord, HoldKind, ProvisioningStatus, Session},
        Role,
    },
    ebb_tests::{
        model::{
            ledger::Expected,
            rules::MAX_HOLDS_OF_GUEST,
            state::{Model, Now, MAX_HOLDS},
        },
        Actor, Refusal, Snapshot, World,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeMap, BTreeSet},
};

/// The ledger with the program.
#[derive(Clone)]
pub struct Chain {
    world: World,
    now: Now,
    /// What each payer of rent had when there was no account.
    funds: BTreeMap<Actor, u64>,
    /// The last hold's id on each device that is there.
    hold_ids: BTreeMap<Pubkey, i64>,
}

impl Chain {
    /// The program installed, and nothing initialised.
    pub fn bare(program_id: Pubkey) -> Self {
        let world = World::bare_at(program_id).without_signature_checks();
        let payers = [Actor::Payer, Actor::Deployer];
        let clock = world.clock();
        Self {
            now: Now {
                slot: clock.slot,
                time: clock.unix_timestamp,
            },
            funds: payers
                .map(|payer| (payer, world.lamports(&payer.key())))
                .into(),
            hold_ids: BTreeMap::new(),
            world,
        }
    }

    /// What its Clock says.
    pub fn now(&self) -> Now {
        self.now
    }

    /// Sends an instruction, of which becomes what the model says.
    pub fn take(&mut self, now: Now, attempt: &Attempt) {
        if self.now != now {
            self.world.set_clock(now.slot, now.time);
            self.now = now;
        }
        let found = match self.world.send(attempt.instruction.clone()) {
            Ok(events) => Ok(events[0]),
            Err(Refusal::Ebb(error)) => Err(error),
            Err(Refusal::Other(error)) => panic!("the runtime refused: {error}"),
        };
        assert!(
            found == attempt.verdict,
            "the program says {found:?}\nand the model {:?}",
            attempt.verdict
        );
        if let Ok(event) = found {
            self.check_hold_id(&event);
        }
    }

    /// Hold ids are never reused, as long as the device's account lives.
    fn check_hold_id(&mut self, event: &Event) {
        match event.kind {
            EventKind::HoldPlaced => {
                let last = self.hold_ids.insert(event.subject, event.from);
                assert!(last < Some(event.from), "hold id {} anew", event.from);
            }
            EventKind::DeviceRemoved => {
                self.hold_ids.remove(&event.subject);
            }
            _ => {}
        }
    }

    /// All accounts are as the model says, and keep the promises.
    pub fn check(&self, model: &Model) {
        let expected = Expected::of(model);
        let found = self.world.snapshot();
        if found != expected.accounts {
            difference(&found, &expected.accounts);
        }
        for (payer, funds) in &self.funds {
            let spent = expected.rent.get(payer).copied().unwrap_or(0);
            let left = self.world.lamports(&payer.key());
            assert_eq!(left + spent, *funds, "the rent of {payer:?}");
        }
        check_promises(&found);
    }
}

/// Names the fields in which ledger and model differ.
fn difference(found: &Snapshot, expected: &Snapshot) -> ! {
    let addresses: BTreeSet<&Pubkey> = found.0.keys().chain(expected.0.keys()).collect();
    let mut differences = String::new();
    for address in addresses {
        match (found.0.get(address), expected.0.get(address)) {
            (Some(found), Some(expected)) if found == expected => {}
            (Some(found), Some(expected)) => {
                let (found, expected) = (format!("{found:#?}"), format!("{expected:#?}"));
                differences += &format!("\naccount {address}, ledger and model:");
                for (found, expected) in found.lines().zip(expected.lines()) {
                    if found != expected {
                        differences += &format!("\n  {} | {}", found.trim(), expected.trim());
                    }
                }
            }
            (Some(found), None) => differences += &format!("\nonly on the ledger: {found:#?}"),
            (None, expected) => differences += &format!("\nonly in the model: {expected:#?}"),
        }
    }
    panic!("ledger and model differ:{differences}");
}

/// What each status and the limits promise, seen on the accounts alone.
fn check_promises(accounts: &Snapshot) {
    use ProvisioningStatus::{Draining, Retired, Retiring};
    let (mut sessions, mut disk_keys) = (0, 0);
    for (_, device) in accounts.all::<Device>() {
        sessions += device.head.sessions as usize;
        disk_keys += device.head.disk_keys as usize;
        let status = device.head.provisioning_status;
        let has_drain = device.head.drain != DrainRecord::default();
        assert_eq!(status == Draining, has_drain, "a drain record");
        assert!(device.head.sessions == 0 || !matches!(status, Retiring | Retired));
        assert!(device.head.disk_keys == 0 || status != Retired);
        let of = |role: Option<Role>| {
            let holds = device.head.holds.iter();
            holds
                .filter(|hold| hold.kind != HoldKind::None)
                .filter(|hold| role.is_none_or(|role| hold.role == role))
                .count()
        };
        assert!(of(None) <= MAX_HOLDS);
        assert!(of(Some(Role::Agent)) <= MAX_HOLDS_OF_GUEST);
        assert!(of(Some(Role::Authority)) <= MAX_HOLDS_OF_GUEST);
    }
    // Each device's counts are its own children's, so no child is without a device.
    assert_eq!(accounts.all::<Session>().count(), sessions);
    assert_eq!(accounts.all::<DiskKey>().count(), disk_keys);
}
