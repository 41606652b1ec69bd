//! Counters at their ends. No sequence of instructions leads there in a lifetime, so the accounts are
//! laid down.

use {
    crate::Attacks,
    ebb_sdk::{
        state::{account_type, AccountType, Contributor, Device, Location, Registry},
        EbbError,
    },
    ebb_tests::{Record, Scenario, World},
    solana_sdk::{account::Account, pubkey::Pubkey},
};

fn lay<R: Record>(world: &mut World, address: &Pubkey, edit: impl FnOnce(&mut R)) {
    let mut record = world.get::<R>(address);
    edit(&mut record);
    let account = world.account(address).expect("it is there");
    let data = borsh::to_vec(&record).expect("it encodes");
    world.put(*address, Account { data, ..account });
}

fn exhaust_sequence(world: &mut World, address: &Pubkey) {
    let account = world.account(address).expect("it is there");
    match account_type(&account.data).expect("it has a type") {
        AccountType::Registry => lay::<Registry>(world, address, |it| it.sequence = u64::MAX),
        AccountType::Contributor => {
            lay::<Contributor>(world, address, |it| it.head.sequence = u64::MAX);
        }
        AccountType::Location => {
            lay::<Location>(world, address, |it| it.head.sequence = u64::MAX);
        }
        AccountType::Device => lay::<Device>(world, address, |it| it.head.sequence = u64::MAX),
        kind => panic!("{kind:?} counts nothing"),
    }
}

#[test]
fn sequence() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let event = scenario.world.clone().must(scenario.instruction.clone());
        if event.sequence == 1 {
            continue;
        }
        let mut world = scenario.world.clone();
        exhaust_sequence(&mut world, &event.subject);
        let instruction = scenario.instruction.clone();
        attacks.refused(&world, instruction, EbbError::Overflow, scenario.name);
    }
    assert_eq!(attacks.0, 50);
}

type Edit = fn(&mut World);

/// What each instruction counts besides, at the end of its range.
const COUNTS: [(&str, Edit); 15] = [
    ("create-contributor", |world| {
        lay::<Registry>(world, &world.at.registry.clone(), |it| {
            it.contributors = u32::MAX
        });
    }),
    ("create-location", |world| {
        lay::<Registry>(world, &world.at.registry.clone(), |it| {
            it.locations = u32::MAX
        });
    }),
    ("create-device", |world| {
        of_contributor(world, |it| it.head.registrations = u64::MAX);
    }),
    ("create-device", |world| {
        of_contributor(world, |it| it.head.devices = u32::MAX)
    }),
    ("create-device", |world| {
        of_location(world, |it| it.head.devices = u32::MAX)
    }),
    ("relocate-device", |world| {
        of_location(world, |it| it.head.devices = 0)
    }),
    ("activate", |world| {
        of_location(world, |it| it.head.activated = u32::MAX)
    }),
    ("drain-authority", |world| {
        of_location(world, |it| it.head.activated = 0)
    }),
    ("drain-contributor", |world| {
        of_location(world, |it| it.head.draining = u32::MAX)
    }),
    ("undrain-contributor", |world| {
        of_location(world, |it| it.head.draining = 0)
    }),
    ("retire-contributor", |world| {
        of_location(world, |it| it.head.draining = 0)
    }),
    ("remove-contributor", |world| {
        of_contributor(world, |it| it.head.devices = 0)
    }),
    ("hold-agent", |world| {
        of_device(world, |it| it.head.next_hold_id = u32::MAX)
    }),
    ("close-session-agent", |world| {
        of_device(world, |it| it.head.sessions = 0)
    }),
    ("destroy-disk-key", |world| {
        of_device(world, |it| it.head.disk_keys = 0)
    }),
];

fn of_contributor(world: &mut World, edit: impl FnOnce(&mut Contributor)) {
    lay(world, &world.at.contributor.clone(), edit);
}

fn of_location(world: &mut World, edit: impl FnOnce(&mut Location)) {
    lay(world, &world.at.location.clone(), edit);
}

fn of_device(world: &mut World, edit: impl FnOnce(&mut Device)) {
    lay(world, &world.at.device.clone(), edit);
}

#[test]
fn counts() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (_, edit) in COUNTS.iter().filter(|(name, _)| *name == scenario.name) {
            let mut world = scenario.world.clone();
            edit(&mut world);
            let instruction = scenario.instruction.clone();
            attacks.refused(&world, instruction, EbbError::Overflow, scenario.name);
        }
    }
    assert_eq!(attacks.0, COUNTS.len());
}
