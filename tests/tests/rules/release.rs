//! Who releases whose holds.

use {
    crate::{
        domain::{vary, Tally, BOTH, CALLERS},
        oracle::credential_role,
    },
    ebb_sdk::{
        event::EventKind,
        state::{Device, Hold, HoldKind, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_tests::{Actor, Caller, Credential, Situation, Snapshot, World},
    solana_sdk::pubkey::Pubkey,
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
    for id in [2, 3, u32::MAX] {
        let release = world.release_hold(Caller::AUTHORITY, id);
        assert_eq!(world.refusal(release), EbbError::HoldNotFound);
    }
    world.pass(60);
    let release = world.release_hold(Caller::AUTHORITY, 1);
    assert_eq!(world.refusal(release), EbbError::HoldNotFound);
}

/// Id 0 releases what its signer may release, and leaves the rest.
#[test]
fn release_all() {
    let mut world =
        Situation::of(Some(Activated)).establish(&World::new().without_signature_checks());
    world.pass(1);
    for placer in PLACERS {
        world.must(world.place_hold(placer, HoldKind::PendingTask, 60));
    }
    let mut tally = Tally::default();
    for caller in CALLERS {
        let kept: &[usize] = match credential_role(caller) {
            Err(refusal) => {
                let expected = Err::<fn(Snapshot) -> Snapshot, _>(refusal);
                tally.cell(&world, world.release_hold(caller, 0), expected, caller);
                continue;
            }
            Ok(Role::Contributor | Role::Operator) => &[2],
            Ok(Role::Agent) => &[0, 1, 2],
            Ok(Role::Authority) => &[],
            Ok(_) => &[0, 1, 2, 3],
        };
        let expected = Ok(|accounts: Snapshot| {
            accounts.with::<Device>(&world.at.device, |device| {
                for place in (0..PLACERS.len()).filter(|place| !kept.contains(place)) {
                    device.head.holds[place] = Hold::default();
                }
                device.head.sequence += 1;
            })
        });
        tally.cell(&world, world.release_hold(caller, 0), expected, caller);
        let event = world.clone().must(world.release_hold(caller, 0));
        assert_eq!(
            (event.from, event.to),
            (0, (PLACERS.len() - kept.len()) as i64)
        );
        assert_eq!(event.related, Pubkey::default());
        let mut world = world.clone();
        world.pass(60);
        assert_eq!(world.must(world.release_hold(caller, 0)).to, 0);
    }
    tally.check(18, 4);
}

/// Between the release of an agent's holds and the drain, the agent places them anew: apart the drain
/// never starts, together it does.
#[test]
fn an_agent_that_places_its_holds_anew_does_not_stop_a_drain() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.place_hold(Caller::AGENT, HoldKind::CriticalTraffic, 600));
    world.must(world.release_hold(Caller::CONTRIBUTOR, 1));
    world.must(world.place_hold(Caller::AGENT, HoldKind::CriticalTraffic, 600));
    let drain = world.drain(Caller::CONTRIBUTOR, false);
    assert_eq!(world.refusal(drain.clone()), EbbError::LiveHold);

    let release = world.release_hold(Caller::CONTRIBUTOR, 0);
    let events = world
        .submit(&world.sign(&[release, drain]))
        .expect("accepted");
    assert_eq!((events[0].to, events[1].kind), (1, EventKind::DrainStarted));
    let device = world.get::<Device>(&world.at.device).head;
    assert_eq!(device.provisioning_status, Draining);
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
