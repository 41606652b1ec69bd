//! The clock: standing still, at its ends, and the authority changing hands meanwhile.

use {
    crate::Attacks,
    ebb_sdk::{
        instruction::UpdateDrain,
        state::{Device, HoldKind, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{user, Actor, Caller, Refusal, Scenario, Situation, World},
    ProvisioningStatus::{Activated, Draining},
};

#[test]
fn a_deadline_is_not_reached_in_the_transaction_that_sets_it() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    let shortest = UpdateDrain {
        deadline_seconds: Some(60),
        ..UpdateDrain::default()
    };
    let instructions = [
        world.drain(Caller::CONTRIBUTOR, false),
        world.update_drain(Caller::CONTRIBUTOR, shortest),
        world.close_session(Caller::CONTRIBUTOR, &user(0)),
    ];
    let refused = world.submit(&world.sign(&instructions));
    assert_eq!(refused, Err(Refusal::Ebb(EbbError::NotEvictable)));
}

#[test]
fn moves_in_one_slot_are_distinguished_by_sequence() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let drain = world.drain(Caller::CONTRIBUTOR, false);
    let undrain = world.undrain(Actor::Contributor);
    let instructions = [drain.clone(), undrain.clone(), drain, undrain];
    let events = world.submit(&world.sign(&instructions)).expect("accepted");
    let first = events[0].sequence;
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [first, first + 1, first + 2, first + 3]);
    let device = world.get::<Device>(&world.at.device).head;
    assert_eq!(device.status_changed_sequence, first + 3);
}

#[test]
fn the_end_of_time_overflows_nothing() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let mut world = scenario.world.clone();
        world.set_clock(u64::MAX, i64::MAX);
        let instruction = scenario.instruction.clone();
        // What adds to the time is refused; a hold there is has expired.
        let expected = match instruction.data[0] {
            16 | 17 | 23 => EbbError::Overflow,
            24 => EbbError::HoldNotFound,
            _ => {
                attacks.accepted(&world, instruction, scenario.name);
                continue;
            }
        };
        attacks.refused(&world, instruction, expected, scenario.name);
    }
    assert_eq!(attacks.0, 54);
}

#[test]
fn the_beginning_of_time_is_like_any_other() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for time in [i64::MIN, -1, 0] {
            let mut world = scenario.world.clone();
            world.set_clock(0, time);
            let instruction = scenario.instruction.clone();
            let name = scenario.name;
            if name.starts_with("evict") {
                attacks.refused(&world, instruction, EbbError::NotEvictable, name);
            } else {
                attacks.accepted(&world, instruction, name);
            }
        }
    }
    assert_eq!(attacks.0, 3 * 54);
}

#[test]
fn an_authority_that_changes_hands_while_draining_takes_the_drain_along() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    world.must(world.drain(Caller::AUTHORITY, true));
    world.must(world.nominate(Actor::Authority, Some(Actor::Successor)));
    world.must(world.accept(Actor::Successor));
    for instruction in [
        world.undrain(Actor::Authority),
        world.update_drain(
            Caller::AUTHORITY,
            UpdateDrain {
                deadline_seconds: Some(0),
                ..UpdateDrain::default()
            },
        ),
        world.place_hold(Caller::AUTHORITY, HoldKind::PendingTask, 60),
        world.close_session(Caller::AUTHORITY, &user(0)),
        world.retire(Caller::AUTHORITY),
    ] {
        assert_eq!(world.refusal(instruction), EbbError::Unauthorized);
    }
    let drain = world.get::<Device>(&world.at.device).head.drain;
    assert_eq!(drain.started_by, Actor::Authority.key());
    let undrained = world.must(world.undrain(Actor::Successor));
    assert_eq!(undrained.statuses(), Some((Draining, Activated)));
}
