//! Sessions: who opens and closes them, and when.

use {
    crate::domain::{every_status, vary, Tally, BOTH, CALLERS, SIGNERS},
    ebb_sdk::{
        instruction::{CreateDevice, UpdateDrain},
        state::{Device, DeviceType, Health, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{
        model::step::{DeviceDeed, Step},
        user, Actor, Caller, Deadline, ModelledWorld, Places, Report, Situation, World, DEADLINE,
        MAX_SESSIONS,
    },
    solana_sdk::pubkey::Pubkey,
    ProvisioningStatus::{Activated, Draining},
};

/// Every status × health × deadline × number of sessions × suspension.
fn situations() -> Vec<Situation> {
    let mut all = every_status();
    vary(&mut all, &Report::ALL, |case, value| case.report = value);
    vary(&mut all, &Deadline::ALL, |case, value| {
        case.deadline = value
    });
    vary(&mut all, &[0, 1, MAX_SESSIONS as u8], |case, value| {
        case.sessions = value
    });
    vary(&mut all, &BOTH, |case, value| case.suspended = value);
    all.retain(Situation::is_reachable);
    all
}

#[test]
fn open() {
    let origin = ModelledWorld::founded();
    let another = MAX_SESSIONS as usize;
    let steps = SIGNERS.map(|by| Step::on_device(by, DeviceDeed::OpenSession(another)));
    let mut tally = Tally::default();
    for situation in situations() {
        tally.sweep(&origin.establish(&situation), situation, steps);
    }
    tally.check(2_196, 24);
}

#[test]
fn close() {
    let origin = ModelledWorld::founded();
    let steps = CALLERS.map(|by| Step::on_device(by, DeviceDeed::CloseSession(0)));
    let mut tally = Tally::default();
    for situation in situations() {
        if situation.sessions != 0 {
            tally.sweep(&origin.establish(&situation), situation, steps);
        }
    }
    tally.check(2_448, 304);
}

#[test]
fn eviction_begins_at_the_deadline() {
    let mut world = Situation {
        sessions: 2,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    world.must(world.drain(Caller::OPERATOR, false));
    world.pass(DEADLINE - 1);
    let evict = world.close_session(Caller::OPERATOR, &user(0));
    assert_eq!(world.refusal(evict.clone()), EbbError::NotEvictable);
    world.pass(1);
    world.must(evict);

    // Put off, the deadline holds again.
    let later = UpdateDrain {
        deadline_seconds: Some(DEADLINE),
        ..UpdateDrain::default()
    };
    world.must(world.update_drain(Caller::OPERATOR, later));
    let evict = world.close_session(Caller::OPERATOR, &user(1));
    assert_eq!(world.refusal(evict), EbbError::NotEvictable);
}

/// Dead is no shortcut around the shortest deadline, and reporting it again puts nothing off.
#[test]
fn a_dead_devices_sessions_are_evicted_once_it_was_dead_for_a_minute() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    let evict = world.close_session(Caller::CONTRIBUTOR, &user(0));
    let retire = world.retire(Caller::AUTHORITY);
    world.must(world.report(Caller::ORACLE, Health::Dead));
    assert_eq!(world.refusal(evict.clone()), EbbError::DeathUnconfirmed);
    assert_eq!(world.refusal(retire.clone()), EbbError::DeathUnconfirmed);
    world.pass(59);
    world.must(world.report(Caller::AUTHORITY, Health::Dead));
    assert_eq!(world.refusal(evict.clone()), EbbError::DeathUnconfirmed);
    assert_eq!(world.refusal(retire.clone()), EbbError::DeathUnconfirmed);
    world.pass(1);
    assert_eq!(world.refusal(retire.clone()), EbbError::NotDrained);
    world.must(evict);
    world.must(retire);
}

/// A report of life in between begins the minute anew.
#[test]
fn a_device_that_lived_again_was_not_dead_all_along() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    let evict = world.close_session(Caller::CONTRIBUTOR, &user(0));
    world.must(world.report(Caller::ORACLE, Health::Dead));
    world.pass(60);
    world.must(world.report(Caller::ORACLE, Health::Healthy));
    assert_eq!(world.refusal(evict.clone()), EbbError::NotEvictable);
    world.must(world.report(Caller::ORACLE, Health::Dead));
    assert_eq!(world.refusal(evict), EbbError::DeathUnconfirmed);
}

#[test]
fn a_session_that_another_party_closed_first_is_gone() {
    let situation = Situation {
        sessions: 1,
        deadline: Deadline::Passed,
        ..Situation::of(Some(Draining))
    };
    let mut world = situation.establish(&World::new());
    world.must(world.close_session(Caller::AGENT, &user(0)));
    let evict = world.close_session(Caller::CONTRIBUTOR, &user(0));
    assert_eq!(world.refusal(evict), EbbError::WrongOwner);
    assert!(world.get::<Device>(&world.at.device).head.is_drained());
}

#[test]
fn a_user_has_one_session_on_a_device() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.open_session(Actor::Agent, &user(0)));
    let again = world.open_session(Actor::Agent, &user(0));
    assert_eq!(world.refusal(again.clone()), EbbError::SessionExists);
    world.must(world.close_session(Caller::AGENT, &user(0)));
    world.must(again);
}

#[test]
fn a_device_without_an_agent_opens_none() {
    let mut world = World::new();
    let mut create = world.create_device(Actor::Contributor, Places::DEVICE);
    create.data = agentless();
    world.must(create);
    world.must(world.activate(Actor::Authority));
    for signer in SIGNERS {
        let open = world.open_session(signer, &user(0));
        assert_eq!(world.refusal(open), EbbError::NoAgent);
    }
    world.must(world.set_agent(Caller::CONTRIBUTOR, None, Actor::Agent));
    world.must(world.open_session(Actor::Agent, &user(0)));
}

fn agentless() -> Vec<u8> {
    let create = CreateDevice {
        code: Places::DEVICE.into(),
        device_type: DeviceType::Edge,
        public_ip: [10, 0, 0, 1],
        max_sessions: MAX_SESSIONS,
        agent: Pubkey::default(),
    };
    ebb_sdk::instruction::EbbInstruction::CreateDevice(create)
        .pack()
        .expect("it encodes")
}
