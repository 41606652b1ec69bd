//! Who changes what a device is, and when.

use {
    crate::{
        domain::{every_status, vary, Tally, BOTH, CALLERS},
        oracle::credential_role,
    },
    ebb_sdk::{
        instruction::{CreateDevice, EbbInstruction, UpdateDevice},
        state::{Device, DeviceType, Location, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_tests::{Actor, Credential, Situation, Snapshot, World, MAX_SESSIONS},
    solana_sdk::instruction::Instruction,
    ProvisioningStatus::{Draining, Pending},
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
    let origin = World::new().without_signature_checks();
    let mut situations = every_status();
    vary(&mut situations, &[0, 1], |case, value| {
        case.sessions = value
    });
    vary(&mut situations, &BOTH, |case, value| case.suspended = value);
    situations.retain(Situation::is_reachable);

    let mut tally = Tally::default();
    for situation in situations {
        let world = situation.establish(&origin);
        let drained = situation.status == Some(Draining) && situation.sessions == 0;
        for caller in CALLERS {
            if matches!(caller.credential, Credential::None | Credential::Registry) {
                continue;
            }
            for relocate in BOTH {
                let expected = match credential_role(caller) {
                    _ if situation.status.is_none() => Err(EbbError::WrongOwner),
                    Err(refusal) => Err(refusal),
                    Ok(Role::Contributor) if situation.suspended => {
                        Err(EbbError::ContributorSuspended)
                    }
                    Ok(Role::Contributor) if relocate && drained => Err(EbbError::LocationFixed),
                    Ok(Role::Contributor) if situation.status == Some(Pending) || drained => {
                        Ok(|accounts| updated(&world, accounts, relocate))
                    }
                    Ok(Role::Contributor) => Err(EbbError::NotUpdatable),
                    Ok(_) => Err(EbbError::RoleNotAllowed),
                };
                let mut update = world.update_device(caller.actor, everything(), relocate);
                if caller.credential == Credential::OtherContributor {
                    update.accounts[2].pubkey = world.at.other_contributor;
                }
                tally.cell(&world, update, expected, (caller, relocate, situation));
            }
        }
    }
    tally.check(288, 3);
}

fn updated(world: &World, accounts: Snapshot, relocated: bool) -> Snapshot {
    let accounts = accounts.with::<Device>(&world.at.device, |device| {
        device.head.public_ip = ADDRESS;
        device.head.max_sessions = MAX_SESSIONS + 1;
        device.head.sequence += 1;
        if relocated {
            device.head.location = world.at.other_location;
        }
    });
    if !relocated {
        return accounts;
    }
    accounts
        .with::<Location>(&world.at.location, |location| {
            location.head.devices -= 1;
        })
        .with::<Location>(&world.at.other_location, |location| {
            location.head.devices += 1;
        })
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
