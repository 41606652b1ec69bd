//! Who follows the events alone knows what every location counts.

use {
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::UpdateDevice,
        state::{Health, Location, ProvisioningStatus},
    },
    ebb_tests::{Actor, Caller, Places, World},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey},
    std::collections::BTreeMap,
    ProvisioningStatus::{Activated, Draining, Pending},
};

/// What a location counts: devices, those activated, those draining.
type Counts = [u32; 3];

/// What an indexer keeps: where each device is, and in which status.
#[derive(Default)]
struct Index(BTreeMap<Pubkey, (Pubkey, ProvisioningStatus)>);

impl Index {
    fn follow(&mut self, event: &Event) {
        let device = event.subject;
        match event.kind {
            EventKind::DeviceCreated => {
                let earlier = self.0.insert(device, (event.related, Pending));
                assert_eq!(earlier, None);
            }
            EventKind::DeviceUpdated => self.known(&device).0 = event.related,
            EventKind::DeviceRemoved => {
                let (location, _) = self.0.remove(&device).expect("it was created");
                assert_eq!(location, event.related);
            }
            _ => {
                if let Some((from, to)) = event.statuses() {
                    let (location, status) = self.known(&device);
                    assert_eq!(*status, from);
                    *status = to;
                    // A destroyed key names the key; no location counts Retiring or Retired.
                    if event.kind != EventKind::DiskKeyDestroyed {
                        assert_eq!(*location, event.related);
                    }
                }
            }
        }
    }

    fn known(&mut self, device: &Pubkey) -> &mut (Pubkey, ProvisioningStatus) {
        self.0.get_mut(device).expect("it was created")
    }

    fn counts(&self, location: &Pubkey) -> Counts {
        let here = self.0.values().filter(|(there, _)| there == location);
        here.fold([0; 3], |[devices, activated, draining], (_, status)| {
            [
                devices + 1,
                activated + u32::from(*status == Activated),
                draining + u32::from(*status == Draining),
            ]
        })
    }
}

/// A world whose events an indexer follows.
struct Followed {
    world: World,
    index: Index,
}

impl Followed {
    fn does(&mut self, instruction: Instruction) {
        let event = self.world.must(instruction);
        self.index.follow(&event);
        for (address, Location { head, .. }) in self.world.snapshot().all::<Location>() {
            let recorded = [head.devices, head.activated, head.draining];
            assert_eq!(self.index.counts(address), recorded, "{:?}", event.kind);
        }
    }

    fn each(&mut self, instructions: impl IntoIterator<Item = Instruction>) {
        instructions.into_iter().for_each(|next| self.does(next));
    }
}

#[test]
fn the_counts_of_locations_follow_from_events() {
    let world = World::new();
    let mut at = Followed {
        world: world.clone(),
        index: Index::default(),
    };
    // One device that moves, serves elsewhere, and leaves by its last disk key.
    at.each([
        world.create_device(Actor::Contributor, Places::OTHER_DEVICE),
        world.activate_device(Actor::Authority, &world.at.other_device),
        world.create_device(Actor::Contributor, Places::DEVICE),
        world.register_disk_key(Actor::Custodian, Caller::CONTRIBUTOR, 0),
        world.update_device(Actor::Contributor, UpdateDevice::default(), true),
    ]);
    let mut there = world.clone();
    there.at.location = world.at.other_location;
    at.each([
        there.activate(Actor::Authority),
        there.drain(Caller::CONTRIBUTOR, false),
        there.undrain(Actor::Contributor),
        there.drain(Caller::OPERATOR, false),
        there.retire(Caller::CONTRIBUTOR),
        there.destroy_disk_key(Actor::Custodian, 0),
        there.remove(Caller::CONTRIBUTOR),
    ]);
    // The code again: one that retires dead, and the one beside it before it was ever activated.
    at.each([
        world.create_device(Actor::Contributor, Places::DEVICE),
        world.activate(Actor::Authority),
        world.report(Caller::ORACLE, Health::Dead),
    ]);
    at.world.pass(60);
    at.each([
        world.retire(Caller::AUTHORITY),
        world.remove(Caller::AUTHORITY),
        world.create_device(Actor::Contributor, Places::DEVICE),
        world.retire(Caller::CONTRIBUTOR),
    ]);
    assert_eq!(at.index.counts(&world.at.location), [2, 1, 0]);
    assert_eq!(at.index.counts(&world.at.other_location), [0; 3]);
}
