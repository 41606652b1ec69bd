//! Who places holds, how many, and for how long.

use {
    crate::domain::{every_status, vary, Tally, BOTH, CALLERS},
    ebb_sdk::{
        instruction::{EbbInstruction, Expect, PlaceHold},
        state::{Device, HoldKind, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{
        model::step::{DeviceDeed, NewHold, Step},
        Caller, Deadline, Holding, ModelledWorld, Situation, World,
    },
    HoldKind::{CriticalTraffic, PendingTask},
    ProvisioningStatus::{Activated, Draining},
};

const WEEK: u32 = 7 * 24 * 60 * 60;

#[test]
fn place() {
    let origin = ModelledWorld::founded();
    let mut situations = every_status();
    vary(&mut situations, &Deadline::ALL, |case, value| {
        case.deadline = value
    });
    vary(&mut situations, &Holding::ALL, |case, value| {
        case.holding = value
    });
    vary(&mut situations, &BOTH, |case, value| case.suspended = value);
    situations.retain(Situation::is_reachable);

    let place = |(caller, kind)| {
        let hold = NewHold {
            kind,
            seconds: WEEK,
            reason: "backup of /var/log",
        };
        Step::on_device(caller, DeviceDeed::PlaceHold(hold))
    };
    let mut tally = Tally::default();
    for situation in situations {
        let cells = CALLERS.into_iter();
        let cells = cells.flat_map(|caller| HoldKind::ALL.map(|kind| (caller, kind)));
        tally.sweep(&origin.establish(&situation), situation, cells.map(place));
    }
    tally.check(1_440, 192);
}

fn activated() -> World {
    Situation::of(Some(Activated)).establish(&World::new())
}

fn place_all(world: &mut World, callers: &[Caller]) {
    for caller in callers {
        world.must(world.place_hold(*caller, CriticalTraffic, WEEK));
    }
}

fn live(world: &World) -> usize {
    let device = world.get::<Device>(&world.at.device).head;
    device.live_holds(world.now()).count()
}

#[test]
fn agent_and_authority_have_two_each() {
    for (caller, other) in [
        (Caller::AGENT, Caller::AUTHORITY),
        (Caller::AUTHORITY, Caller::AGENT),
    ] {
        let mut world = activated();
        place_all(&mut world, &[caller, caller]);
        let third = world.place_hold(caller, PendingTask, WEEK);
        assert_eq!(world.refusal(third), EbbError::TooManyHolds);
        place_all(&mut world, &[other, other, Caller::OPERATOR]);
    }
}

#[test]
fn a_device_has_eight() {
    let everyone = [
        Caller::AGENT,
        Caller::AUTHORITY,
        Caller::CONTRIBUTOR,
        Caller::OPERATOR,
    ];
    let mixed = everyone.repeat(2);
    for callers in [
        mixed,
        vec![Caller::CONTRIBUTOR; 8],
        vec![Caller::OPERATOR; 8],
    ] {
        let mut world = activated();
        place_all(&mut world, &callers);
        assert_eq!(live(&world), 8);
        for caller in everyone {
            let ninth = world.place_hold(caller, PendingTask, WEEK);
            assert_eq!(world.refusal(ninth), EbbError::TooManyHolds);
        }
        let first = callers[0];
        world.must(world.release_hold(first, 1));
        place_all(&mut world, &[first]);
    }
}

#[test]
fn expired_holds_make_room_and_are_pruned_by_hold_and_release_only() {
    let mut world = activated();
    for caller in [Caller::AGENT, Caller::AGENT, Caller::CONTRIBUTOR] {
        world.must(world.place_hold(caller, PendingTask, 60));
    }
    place_all(&mut world, &[Caller::CONTRIBUTOR; 5]);
    world.pass(60);
    assert_eq!(live(&world), 5);
    let slots = |world: &World| {
        let holds = world.get::<Device>(&world.at.device).head.holds;
        holds.map(|hold| hold.id)
    };
    world.must(world.report(Caller::ORACLE, ebb_sdk::state::Health::Healthy));
    assert_eq!(slots(&world), [1, 2, 3, 4, 5, 6, 7, 8]);

    let mut placing = world.clone();
    place_all(&mut placing, &[Caller::AGENT]);
    assert_eq!(slots(&placing), [9, 0, 0, 4, 5, 6, 7, 8]);

    world.must(world.release_hold(Caller::CONTRIBUTOR, 6));
    assert_eq!(slots(&world), [0, 0, 0, 4, 5, 0, 7, 8]);
}

#[test]
fn ids_are_never_reused() {
    let mut world = activated();
    for id in 1..=20 {
        let placed = world.must(world.place_hold(Caller::OPERATOR, CriticalTraffic, WEEK));
        assert_eq!(placed.from, id);
        let id = u32::try_from(id).expect("it is small");
        world.must(world.release_hold(Caller::OPERATOR, id));
        let again = world.release_hold(Caller::OPERATOR, id);
        assert_eq!(world.refusal(again), EbbError::HoldNotFound);
    }
}

#[test]
fn a_hold_blocks_until_the_second_in_which_it_expires() {
    let mut world = activated();
    world.must(world.place_hold(Caller::AGENT, CriticalTraffic, 60));
    let drain = world.drain(Caller::CONTRIBUTOR, false);
    world.pass(59);
    assert_eq!(world.refusal(drain.clone()), EbbError::LiveHold);
    world.pass(1);
    world.must(drain);
}

#[test]
fn a_pending_task_blocks_retirement_until_it_expires() {
    let mut world = Situation::of(Some(Draining)).establish(&World::new());
    world.must(world.place_hold(Caller::AGENT, PendingTask, 60));
    world.must(world.place_hold(Caller::AGENT, CriticalTraffic, WEEK));
    for caller in [Caller::CONTRIBUTOR, Caller::AUTHORITY] {
        let retire = world.retire(caller);
        assert_eq!(world.refusal(retire), EbbError::PendingTask);
    }
    world.pass(60);
    world.must(world.retire(Caller::CONTRIBUTOR));
}

#[test]
fn holds_outlive_a_drain_and_its_end() {
    let mut world = activated();
    world.must(world.place_hold(Caller::OPERATOR, PendingTask, WEEK));
    let holds = world.get::<Device>(&world.at.device).head.holds;
    world.must(world.drain(Caller::AUTHORITY, true));
    world.must(world.undrain(ebb_tests::Actor::Operator));
    assert_eq!(world.get::<Device>(&world.at.device).head.holds, holds);
}

#[test]
fn values_are_bounded() {
    let mut world = activated();
    let place = |kind, seconds, reason: &str| {
        let mut place = world.place_hold(Caller::CONTRIBUTOR, CriticalTraffic, 1);
        place.data = EbbInstruction::PlaceHold(PlaceHold {
            expect: Expect::default(),
            kind,
            duration_seconds: seconds,
            reason: reason.into(),
        })
        .pack()
        .expect("it encodes");
        place
    };
    let accepted = [
        place(CriticalTraffic, 1, ""),
        place(PendingTask, WEEK, &"x".repeat(32)),
    ];
    let refused = [
        (place(HoldKind::None, 60, ""), EbbError::InvalidInstruction),
        (place(PendingTask, 0, ""), EbbError::InvalidDuration),
        (place(PendingTask, WEEK + 1, ""), EbbError::DurationTooLong),
        (place(PendingTask, u32::MAX, ""), EbbError::DurationTooLong),
        (
            place(PendingTask, 60, &"x".repeat(33)),
            EbbError::InvalidReason,
        ),
        (place(PendingTask, 60, "a\tb"), EbbError::InvalidReason),
    ];
    for instruction in accepted {
        world.must(instruction);
    }
    for (instruction, refusal) in refused {
        assert_eq!(world.refusal(instruction), refusal);
    }
}
