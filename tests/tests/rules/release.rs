//! Who releases whose holds.

use {
    crate::domain::{vary, Tally, BOTH, CALLERS},
    ebb_sdk::{
        event::EventKind,
        state::{Device, HoldKind, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{
        model::step::{ContributorDeed, Deed, DeviceDeed, NewHold, Step},
        Actor, Caller, Credential, ModelledWorld, Situation, World,
    },
    ProvisioningStatus::{Activated, Draining},
};

const PLACERS: [Caller; 4] = [
    Caller::CONTRIBUTOR,
    Caller::OPERATOR,
    Caller::AUTHORITY,
    Caller::AGENT,
];

/// Of a pending task, for a minute.
fn place(placer: Caller) -> Step {
    let hold = NewHold {
        kind: HoldKind::PendingTask,
        seconds: 60,
        reason: "backup of /var/log",
    };
    Step::on_device(placer, DeviceDeed::PlaceHold(hold))
}

#[test]
fn release() {
    let origin = ModelledWorld::founded();
    let mut cases: Vec<(ProvisioningStatus, Caller, bool)> = vec![
        (Activated, Caller::AGENT, false),
        (Draining, Caller::AGENT, false),
    ];
    vary(&mut cases, &PLACERS, |case, value| case.1 = value);
    vary(&mut cases, &BOTH, |case, value| case.2 = value);

    let steps = CALLERS.map(|by| Step::on_device(by, DeviceDeed::ReleaseHold(0)));
    let mut tally = Tally::default();
    for (status, placer, suspended) in cases {
        let mut there = origin.establish(&Situation::of(Some(status)));
        there.must(&place(placer));
        if suspended {
            let suspend = Deed::Contributor(0, ContributorDeed::Suspend);
            there.must(&Step::new(Caller::AUTHORITY, suspend));
        }
        tally.sweep(&there, (status, placer, suspended), steps);
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

/// What its signer may release, and not the rest: of holds that are live, then of expired ones.
#[test]
fn release_all() {
    let origin = ModelledWorld::founded();
    let mut there = origin.establish(&Situation::of(Some(Activated)));
    for placer in PLACERS {
        there.must(&place(placer));
    }
    let steps = CALLERS.map(|by| Step::on_device(by, DeviceDeed::ReleaseHolds));
    for age in ["live", "expired"] {
        let mut tally = Tally::default();
        tally.sweep(&there, age, steps);
        tally.check(18, 4);
        there.pass(60);
    }
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
