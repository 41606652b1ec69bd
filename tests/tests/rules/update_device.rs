//! Who changes what a device is, and when.

use {
    crate::domain::{every_status, vary, Tally, BOTH, CALLERS},
    ebb_sdk::{
        instruction::{CreateDevice, EbbInstruction, UpdateDevice},
        state::{DeviceType, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{
        model::step::{DeviceDeed, DeviceUpdate, Step},
        Actor, Credential, ModelledWorld, Situation, World, MAX_SESSIONS,
    },
    solana_sdk::instruction::Instruction,
    ProvisioningStatus::Pending,
};

const ADDRESS: [u8; 4] = [203, 0, 113, 7];

fn everything() -> UpdateDevice {
    UpdateDevice {
        public_ip: Some(ADDRESS),
        max_sessions: Some(MAX_SESSIONS + 1),
        ..UpdateDevice::default()
    }
}

#[test]
fn update() {
    let origin = ModelledWorld::founded();
    let mut situations = every_status();
    vary(&mut situations, &[0, 1], |case, value| {
        case.sessions = value
    });
    vary(&mut situations, &BOTH, |case, value| case.suspended = value);
    situations.retain(Situation::is_reachable);

    let steps: Vec<Step> = CALLERS
        .into_iter()
        .filter(|caller| !matches!(caller.credential, Credential::None | Credential::Registry))
        .flat_map(|caller| {
            [None, Some(1)].map(|relocation| {
                let update = DeviceUpdate {
                    public_ip: Some(ADDRESS),
                    max_sessions: Some(MAX_SESSIONS + 1),
                    relocation,
                };
                Step::on_device(caller, DeviceDeed::Update(update))
            })
        })
        .collect();
    let mut tally = Tally::default();
    for situation in situations {
        let there = origin.establish(&situation);
        tally.sweep(&there, situation, steps.iter().copied());
    }
    tally.check(288, 3);
}

fn pending() -> World {
    Situation::of(Some(Pending)).establish(&World::new())
}

/// An update that no builder would make.
fn raw(world: &World, args: UpdateDevice) -> Instruction {
    let mut update = world.update_device(Actor::Contributor, everything(), false);
    update.data = EbbInstruction::UpdateDevice(args)
        .pack()
        .expect("it encodes");
    update
}

#[test]
fn what_changes_nothing_is_refused() {
    let mut world = pending();
    let nothing = raw(&world, UpdateDevice::default());
    assert_eq!(world.refusal(nothing), EbbError::NothingToChange);
    let same = UpdateDevice {
        max_sessions: Some(MAX_SESSIONS),
        ..UpdateDevice::default()
    };
    assert_eq!(world.refusal(raw(&world, same)), EbbError::NothingToChange);
}

#[test]
fn an_address_is_a_unicast_hosts() {
    let mut world = pending();
    for address in [[0, 0, 0, 0], [127, 0, 0, 1], [224, 0, 0, 1], [255; 4]] {
        let args = UpdateDevice {
            public_ip: Some(address),
            ..UpdateDevice::default()
        };
        assert_eq!(world.refusal(raw(&world, args)), EbbError::InvalidPublicIp);
    }
}

/// A device that takes nobody would count for its location's disruption budget.
#[test]
fn capacity_is_at_least_one() {
    let mut world = pending();
    let capacity = |max_sessions| UpdateDevice {
        max_sessions: Some(max_sessions),
        ..UpdateDevice::default()
    };
    let none = raw(&world, capacity(0));
    assert_eq!(world.refusal(none), EbbError::InvalidMaxSessions);
    world.must(raw(&world, capacity(1)));

    let mut create = world.create_device(Actor::Contributor, "shell");
    create.data = EbbInstruction::CreateDevice(CreateDevice {
        code: "shell".into(),
        device_type: DeviceType::Edge,
        public_ip: ADDRESS,
        max_sessions: 0,
        agent: Actor::Agent.key(),
    })
    .pack()
    .expect("it encodes");
    assert_eq!(world.refusal(create), EbbError::InvalidMaxSessions);
}

#[test]
fn a_device_moves_from_where_it_is_to_elsewhere() {
    let mut world = pending();
    let relocate = world.update_device(Actor::Contributor, UpdateDevice::default(), true);
    let ends = |from, to| {
        let mut moved = relocate.clone();
        moved.accounts[3].pubkey = from;
        moved.accounts[4].pubkey = to;
        moved
    };
    let (here, there) = (world.at.location, world.at.other_location);
    assert_eq!(world.refusal(ends(here, here)), EbbError::DuplicateAccount);
    assert_eq!(world.refusal(ends(there, here)), EbbError::WrongLocation);
    assert_eq!(world.refusal(ends(there, there)), EbbError::WrongLocation);
    assert_eq!(
        world.refusal(ends(here, world.at.registry)),
        EbbError::WrongAccountType
    );
    let mut half = relocate.clone();
    half.accounts.pop();
    assert_eq!(world.refusal(half), EbbError::NotEnoughAccounts);
    world.must(ends(here, there));
    world.must(ends(there, here));
}
