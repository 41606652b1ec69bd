//! What the record of a drain keeps of its start, and who set the rest last.

use {
    crate::update_drain::{arguments, record},
    ebb_sdk::{
        instruction::{DrainDevice, UpdateDrain},
        state::{DrainRecord, ProvisioningStatus::Activated, Reason},
        Role,
    },
    ebb_tests::{Actor, Caller, Situation, World},
};

const YEAR: u32 = 365 * 24 * 60 * 60;

#[test]
fn what_the_start_recorded_stays() {
    let mut world = Situation {
        sessions: 2,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    let started = DrainDevice {
        deadline_seconds: 60,
        planned_return_seconds: YEAR,
        reason: "firmware".into(),
        ..DrainDevice::default()
    };
    world.must(world.drain_with(Caller::OPERATOR, started));
    let at_start = record(&world);
    let expected = DrainRecord {
        started_slot: world.clock().slot,
        started_at: world.now(),
        deadline: world.now() + 60,
        planned_return: world.now() + i64::from(YEAR),
        sessions_at_start: 2,
        role: Role::Operator,
        reason_role: Role::Operator,
        deadline_role: Role::Operator,
        reason: Reason::new("firmware").expect("it is short"),
        started_by: Actor::Operator.key(),
        reason_by: Actor::Operator.key(),
        deadline_by: Actor::Operator.key(),
    };
    assert_eq!(at_start, expected);

    world.pass(30);
    let shortened = UpdateDrain {
        deadline_seconds: Some(60),
        ..UpdateDrain::default()
    };
    world.must(world.update_drain(Caller::AUTHORITY, shortened));
    let expected = DrainRecord {
        deadline: world.now() + 60,
        deadline_role: Role::Authority,
        deadline_by: Actor::Authority.key(),
        ..at_start
    };
    assert_eq!(record(&world), expected);
}

#[test]
fn reason_and_deadline_name_who_set_them_last() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let drain = DrainDevice {
        deadline_seconds: 3_600,
        reason: "firmware".into(),
        ..DrainDevice::default()
    };
    world.must(world.drain_with(Caller::CONTRIBUTOR, drain));
    let of_contributor = (Actor::Contributor.key(), Role::Contributor);
    let of_authority = (Actor::Authority.key(), Role::Authority);
    let of_operator = (Actor::Operator.key(), Role::Operator);
    let update = |world: &mut World, caller, change| {
        world.must(world.update_drain(caller, arguments(change)));
        let drain = record(world);
        assert_eq!((drain.started_by, drain.role), of_contributor);
        (
            (drain.reason_by, drain.reason_role),
            (drain.deadline_by, drain.deadline_role),
        )
    };

    let shortened = update(&mut world, Caller::AUTHORITY, (Some(600), None, None));
    assert_eq!(shortened, (of_contributor, of_authority));
    let explained = update(&mut world, Caller::OPERATOR, (None, None, Some("fan")));
    assert_eq!(explained, (of_operator, of_authority));
    // Of several values set, those that stay as they were keep their names.
    let same = (Some(600), Some(7_200), Some("fan"));
    let returned = update(&mut world, Caller::CONTRIBUTOR, same);
    assert_eq!(returned, (of_operator, of_authority));
    let lifted = update(
        &mut world,
        Caller::CONTRIBUTOR,
        (Some(0), None, Some("fan")),
    );
    assert_eq!(lifted, (of_operator, of_contributor));
    let both = update(&mut world, Caller::AUTHORITY, (Some(60), None, Some("")));
    assert_eq!(both, (of_authority, of_authority));

    world.must(world.undrain(Actor::Contributor));
    assert_eq!(record(&world), DrainRecord::default());
}
