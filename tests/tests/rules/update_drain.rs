//! Who changes a running drain, and what.

use {
    crate::domain::{every_status, vary, Tally, BOTH, CALLERS},
    ebb_sdk::{
        instruction::{DrainDevice, EbbInstruction, UpdateDrain},
        state::{Device, DrainRecord, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{
        model::step::{DeviceDeed, DrainUpdate, Step},
        Actor, Caller, Credential, Deadline, ModelledWorld, Situation, World,
    },
    solana_sdk::instruction::Instruction,
    ProvisioningStatus::{Activated, Draining},
};

const YEAR: u32 = 365 * 24 * 60 * 60;

#[test]
fn update() {
    let origin = ModelledWorld::founded();
    let mut situations = every_status();
    vary(&mut situations, &Deadline::ALL, |case, value| {
        case.deadline = value
    });
    vary(&mut situations, &[0, 1], |case, value| {
        case.sessions = value
    });
    vary(&mut situations, &BOTH, |case, value| case.suspended = value);
    situations.retain(Situation::is_reachable);

    let steps: Vec<Step> = CALLERS
        .into_iter()
        .filter(|caller| caller.credential != Credential::None)
        .flat_map(|caller| {
            let updates = changes().into_iter().map(DeviceDeed::UpdateDrain);
            updates.map(move |update| Step::on_device(caller, update))
        })
        .collect();
    let mut tally = Tally::default();
    for situation in situations {
        let there = origin.establish(&situation);
        tally.sweep(&there, situation, steps.iter().copied());
    }
    tally.check(16_920, 1_036);
}

pub type Change = (Option<u32>, Option<u32>, Option<&'static str>);

pub fn arguments((deadline, planned_return, reason): Change) -> UpdateDrain {
    UpdateDrain {
        deadline_seconds: deadline,
        planned_return_seconds: planned_return,
        reason: reason.map(Into::into),
        ..UpdateDrain::default()
    }
}

/// The running drain's record.
pub fn record(world: &World) -> DrainRecord {
    world.get::<Device>(&world.at.device).head.drain
}

/// Every combination of parts left and set, but all left.
fn changes() -> Vec<DrainUpdate> {
    let mut all = vec![DrainUpdate::default()];
    let deadlines = [None, Some(0), Some(60), Some(YEAR)];
    vary(&mut all, &deadlines, |case, value| case.deadline = value);
    let returns = [None, Some(0), Some(1), Some(YEAR)];
    vary(&mut all, &returns, |case, value| {
        case.planned_return = value
    });
    let reasons = [None, Some(""), Some("rack 12")];
    vary(&mut all, &reasons, |case, value| case.reason = value);
    all.remove(0);
    all
}

fn raw(world: &World, args: UpdateDrain) -> Instruction {
    let any = UpdateDrain {
        reason: Some("".into()),
        ..UpdateDrain::default()
    };
    let mut update = world.update_drain(Caller::CONTRIBUTOR, any);
    update.data = EbbInstruction::UpdateDrain(args)
        .pack()
        .expect("it encodes");
    update
}

#[test]
fn values_are_bounded() {
    let mut world = Situation::of(Some(Draining)).establish(&World::new());
    let none = UpdateDrain::default;
    let long = "x".repeat(65);
    let cases = [
        (none(), EbbError::NothingToChange),
        (
            UpdateDrain {
                deadline_seconds: Some(1),
                ..none()
            },
            EbbError::DeadlineTooSoon,
        ),
        (
            UpdateDrain {
                deadline_seconds: Some(59),
                ..none()
            },
            EbbError::DeadlineTooSoon,
        ),
        (
            UpdateDrain {
                deadline_seconds: Some(YEAR + 1),
                ..none()
            },
            EbbError::DurationTooLong,
        ),
        (
            UpdateDrain {
                deadline_seconds: Some(u32::MAX),
                ..none()
            },
            EbbError::DurationTooLong,
        ),
        (
            UpdateDrain {
                planned_return_seconds: Some(YEAR + 1),
                ..none()
            },
            EbbError::DurationTooLong,
        ),
        (
            UpdateDrain {
                reason: Some(long.as_str().into()),
                ..none()
            },
            EbbError::InvalidReason,
        ),
        (
            UpdateDrain {
                reason: Some("a\nb".into()),
                ..none()
            },
            EbbError::InvalidReason,
        ),
    ];
    for (args, refusal) in cases {
        assert_eq!(
            world.refusal(raw(&world, args.clone())),
            refusal,
            "{args:?}"
        );
    }
}

#[test]
fn a_drain_has_the_same_bounds() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let none = DrainDevice::default;
    let long = "x".repeat(65);
    let cases = [
        (
            DrainDevice {
                deadline_seconds: 59,
                ..none()
            },
            EbbError::DeadlineTooSoon,
        ),
        (
            DrainDevice {
                deadline_seconds: YEAR + 1,
                ..none()
            },
            EbbError::DurationTooLong,
        ),
        (
            DrainDevice {
                planned_return_seconds: YEAR + 1,
                ..none()
            },
            EbbError::DurationTooLong,
        ),
        (
            DrainDevice {
                reason: long.as_str().into(),
                ..none()
            },
            EbbError::InvalidReason,
        ),
        (
            DrainDevice {
                reason: "\u{7f}".into(),
                ..none()
            },
            EbbError::InvalidReason,
        ),
    ];
    for (args, refusal) in cases {
        let mut drain = world.drain_with(Caller::AUTHORITY, none());
        drain.data = EbbInstruction::DrainDevice(args.clone())
            .pack()
            .expect("it encodes");
        assert_eq!(world.refusal(drain), refusal, "{args:?}");
    }
}

#[test]
fn what_is_recorded_already_is_no_change() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let started = DrainDevice {
        deadline_seconds: 600,
        planned_return_seconds: 7_200,
        reason: "firmware".into(),
        ..DrainDevice::default()
    };
    world.must(world.drain_with(Caller::CONTRIBUTOR, started));
    world.pass(100);
    let update = |world: &World, change| world.update_drain(Caller::OPERATOR, arguments(change));

    for same in [
        (Some(500), None, None),
        (None, Some(7_100), None),
        (None, None, Some("firmware")),
        (Some(500), Some(7_100), Some("firmware")),
    ] {
        let refused = world.refusal(update(&world, same));
        assert_eq!(refused, EbbError::NothingToChange, "{same:?}");
    }
    // The same numbers a second later are another deadline, another return.
    world.pass(1);
    for other in [
        (Some(500), None, None),
        (None, Some(7_100), None),
        (Some(500), Some(7_100), Some("firmware 2")),
    ] {
        world.must(update(&world, other));
    }
}

#[test]
fn a_suspended_contributor_only_shortens_the_deadline() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let started = DrainDevice {
        deadline_seconds: 600,
        ..DrainDevice::default()
    };
    world.must(world.drain_with(Caller::CONTRIBUTOR, started));
    world.must(world.set_suspended(Actor::Authority, true));
    for caller in [Caller::CONTRIBUTOR, Caller::OPERATOR] {
        for change in [
            (Some(0), None, None),
            (Some(600), None, None),
            (Some(601), None, None),
            (Some(60), Some(60), None),
            (Some(60), None, Some("other")),
            (None, Some(0), None),
            (None, None, Some("")),
        ] {
            let refused = world.refusal(world.update_drain(caller, arguments(change)));
            assert_eq!(refused, EbbError::ContributorSuspended, "{change:?}");
        }
    }
    let shorter = |seconds| arguments((Some(seconds), None, None));
    world.must(world.update_drain(Caller::OPERATOR, shorter(599)));
    world.must(world.update_drain(Caller::CONTRIBUTOR, shorter(60)));
    world.must(world.update_drain(Caller::AUTHORITY, shorter(3_600)));
}
