//! The compiled program in its SVM, and what is asked of it after every instruction.
//!
//! [`World`] itself asks of every transaction that a refusal writes nothing, that an acceptance
//! leaves all counts as a full scan finds them, keeps what each status promises, and logs one event
//! with the next sequence.

use {
    ebb_sdk::{
        event::{Event, EventKind},
        state::{Device, DiskKey, DrainRecord, HoldKind, ProvisioningStatus, Session},
        Role,
    },
    ebb_tests::{
        model::{
            attempt::Attempt,
            ledger::Expected,
            rules::MAX_HOLDS_OF_GUEST,
            state::{Model, Now, MAX_HOLDS},
        },
        Snapshot, World,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::BTreeMap,
};

/// The ledger with the program.
#[derive(Clone)]
pub struct Chain {
    world: World,
    /// The last hold's id on each device that is there.
    hold_ids: BTreeMap<Pubkey, i64>,
}

impl Chain {
    /// A ledger on which no device was ever held.
    pub fn of(world: World) -> Self {
        Self {
            world,
            hold_ids: BTreeMap::new(),
        }
    }

    /// Sends an instruction, whose outcome is the one that the model expects.
    pub fn take(&mut self, now: Now, attempt: &Attempt) {
        self.world.set_clock(now.slot, now.time);
        let found = self.world.answer(attempt.instruction.clone());
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
        if let Some(difference) = expected.difference(&self.world) {
            panic!("ledger and model differ: {difference}");
        }
        check_promises(&expected.accounts);
    }
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
