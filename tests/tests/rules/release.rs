//! Who releases whose holds.

use {
    crate::{
        domain::{vary, Tally, BOTH, CALLERS},
        oracle::credential_role,
    },
    ebb_sdk::{
        state::{Device, Hold, HoldKind, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_tests::{Actor, Caller, Credential, Situation, Snapshot, World},
    ProvisioningStatus::{Activated, Draining},
};

const PLACERS: [Caller; 4] = [
    Caller::CONTRIBUTOR,
    Caller::OPERATOR,
    Caller::AUTHORITY,
    Caller::AGENT,
];

#[test]
fn release() {
    let mut origin = World::new().without_signature_checks();
    let mut cases: Vec<(ProvisioningStatus, Caller, bool)> = vec![
        (Activated, Caller::AGENT, false),
        (Draining, Caller::AGENT, false),
    ];
    vary(&mut cases, &PLACERS, |case, value| case.1 = value);
    vary(&mut cases, &BOTH, |case, value| case.2 = value);
    origin.pass(1);

    let mut tally = Tally::default();
    for (status, placer, suspended) in cases {
        let mut world = Situation::of(Some(status)).establish(&origin);
        world.must(world.place_hold(placer, HoldKind::PendingTask, 60));
        if suspended {
            world.must(world.set_suspended(Actor::Authority, true));
        }
        for caller in CALLERS {
            let expected = match credential_role(caller) {
                Err(refusal) => Err(refusal),
                Ok(Role::Contributor | Role::Operator) if placer == Caller::AUTHORITY => {
                    Err(EbbError::HoldNotReleasable)
                }
                Ok(Role::Agent) if placer != Caller::AGENT => Err(EbbError::HoldNotReleasable),
                Ok(_) => Ok(|accounts: Snapshot| {
                    accounts.with::<Device>(&world.at.device, |device| {
                        device.head.holds[0] = Hold::default();
                        device.head.sequence += 1;
                    })
                }),
            };
            let release = world.release_hold(caller, 1);
            tally.cell(&world, release, expected, (caller, placer, suspended));
        }
    }
    tally.check(288, 44);
}

#[test]
fn an_expired_or_unknown_hold_is_not_found() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.place_hold(Caller::AGENT, HoldKind::PendingTask, 60));
    for id in [0, 2, u32::MAX] {
        let release = world.release_hold(Caller::AUTHORITY, id);
        assert_eq!(world.refusal(release), EbbError::HoldNotFound);
    }
    world.pass(60);
    let release = world.release_hold(Caller::AUTHORITY, 1);
    assert_eq!(world.refusal(release), EbbError::HoldNotFound);
}

#[test]
fn a_new_agent_releases_no_hold_of_the_old_one() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.place_hold(Caller::AGENT, HoldKind::PendingTask, 60));
    world.must(world.set_agent(Caller::CONTRIBUTOR, None, Actor::Successor));
    let successor = Caller::new(Actor::Successor, Credential::None);
    let release = world.release_hold(successor, 1);
    assert_eq!(world.refusal(release), EbbError::HoldNotReleasable);
    world.must(world.release_hold(Caller::CONTRIBUTOR, 1));
}
