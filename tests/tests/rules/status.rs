//! Every situation × every attempt to move a device's status × every signer.

use {
    crate::domain::{vary, Tally, BOTH, CALLERS},
    ebb_sdk::state::ProvisioningStatus,
    ebb_tests::{
        model::step::{DeviceDeed, NewDevice, NewDrain, Step},
        Caller, Credential, Deadline, Holding, ModelledWorld, Report, Situation, DEADLINE,
    },
    DeviceDeed::{Activate, Create, Drain, Remove, Retire, Undrain},
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// What a signer tries.
const ATTEMPTS: [DeviceDeed; 7] = [
    Create(NewDevice::USUAL),
    Activate,
    drain(false),
    drain(true),
    Undrain,
    Retire,
    Remove,
];

/// With a deadline and a reason.
pub const fn drain(force: bool) -> DeviceDeed {
    Drain(NewDrain {
        deadline: DEADLINE,
        planned_return: 0,
        force,
        reason: "rack power",
    })
}

/// Whether an attempt's instruction has a place for what sets this caller apart.
fn applies(attempt: DeviceDeed, caller: Caller) -> bool {
    match attempt {
        Create(_) => caller.credential == Credential::Contributor,
        Activate | Undrain => !matches!(caller.credential, Credential::Registry | Credential::None),
        _ => caller.credential != Credential::None,
    }
}

fn steps() -> Vec<Step> {
    let attempts = ATTEMPTS.into_iter();
    attempts
        .flat_map(|attempt| CALLERS.map(|caller| (attempt, caller)))
        .filter(|(attempt, caller)| applies(*attempt, *caller))
        .map(|(attempt, caller)| Step::on_device(caller, attempt))
        .collect()
}

fn situations(status: Option<ProvisioningStatus>, deadline: Deadline) -> Vec<Situation> {
    let mut all = vec![Situation {
        deadline,
        disk_keys: 0,
        ..Situation::of(status)
    }];
    vary(&mut all, &Report::ALL, |situation, value| {
        situation.report = value
    });
    vary(&mut all, &BOTH, |situation, value| {
        situation.suspended = value
    });
    vary(&mut all, &BOTH, |situation, value| {
        situation.require_healthy = value
    });
    vary(&mut all, &Holding::ALL, |situation, value| {
        situation.holding = value
    });
    vary(&mut all, &BOTH, |situation, value| {
        situation.budget_spent = value
    });
    vary(&mut all, &[0, 1], |situation, value| {
        situation.sessions = value
    });
    vary(&mut all, &[0, 1], |situation, value| {
        situation.disk_keys = value
    });
    all.retain(Situation::is_reachable);
    all
}

/// The situations of every sweep below.
pub fn every_situation() -> Vec<Situation> {
    let mut all = situations(None, Deadline::None);
    for status in ProvisioningStatus::ALL {
        all.extend(situations(Some(status), Deadline::None));
    }
    for deadline in [Deadline::Ahead, Deadline::Passed] {
        all.extend(situations(Some(Draining), deadline));
    }
    all
}

/// The numbers of situations, of attempts and of those that are allowed.
fn sweep(status: Option<ProvisioningStatus>, deadline: Deadline) -> (usize, usize, usize) {
    let (origin, steps) = (ModelledWorld::founded(), steps());
    let situations = situations(status, deadline);
    let mut tally = Tally::default();
    for situation in &situations {
        let there = origin.establish(situation);
        tally.sweep(&there, situation, steps.iter().copied());
    }
    (situations.len(), tally.cells, tally.allowed)
}

#[test]
fn from_nothing() {
    assert_eq!(sweep(None, Deadline::None), (8, 688, 4));
}

#[test]
fn from_pending() {
    assert_eq!(sweep(Some(Pending), Deadline::None), (96, 8_256, 216));
}

#[test]
fn from_activated() {
    assert_eq!(sweep(Some(Activated), Deadline::None), (896, 77_056, 1_920));
}

#[test]
fn from_draining_without_deadline() {
    assert_eq!(
        sweep(Some(Draining), Deadline::None),
        (1_152, 99_072, 1_536)
    );
}

#[test]
fn from_draining_before_its_deadline() {
    assert_eq!(
        sweep(Some(Draining), Deadline::Ahead),
        (1_152, 99_072, 1_536)
    );
}

#[test]
fn from_draining_after_its_deadline() {
    assert_eq!(
        sweep(Some(Draining), Deadline::Passed),
        (1_152, 99_072, 1_536)
    );
}

#[test]
fn from_retiring() {
    assert_eq!(sweep(Some(Retiring), Deadline::None), (72, 6_192, 0));
}

#[test]
fn from_retired() {
    assert_eq!(sweep(Some(Retired), Deadline::None), (32, 2_752, 64));
}
