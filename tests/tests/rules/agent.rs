//! Who sets a device's agent.

use {
    crate::domain::{vary, Tally, BOTH, CALLERS},
    ebb_sdk::{
        instruction::{EbbInstruction, Expect},
        state::ProvisioningStatus,
        EbbError,
    },
    ebb_tests::{
        model::step::{CoSigner, DeviceDeed, Step},
        user, Actor, Caller, Credential, Deadline, ModelledWorld, Situation, World, DEADLINE,
    },
    solana_sdk::pubkey::Pubkey,
    ProvisioningStatus::{Activated, Draining},
};

#[test]
fn set_agent() {
    let origin = ModelledWorld::founded();
    let mut situations: Vec<Situation> = ProvisioningStatus::ALL
        .map(|status| Situation::of(Some(status)))
        .into();
    vary(&mut situations, &[0, 1], |case, value| {
        case.sessions = value
    });
    vary(&mut situations, &BOTH, |case, value| case.suspended = value);
    situations.retain(Situation::is_reachable);

    let callers = CALLERS.into_iter();
    let steps: Vec<Step> = callers
        .filter(|caller| caller.credential != Credential::None)
        .flat_map(|caller| {
            [CoSigner::Nobody, CoSigner::OldAgent, CoSigner::Stranger].map(|second| {
                let set = DeviceDeed::SetAgent(Some(Actor::Successor), second);
                Step::on_device(caller, set)
            })
        })
        .collect();
    let mut tally = Tally::default();
    for situation in situations {
        let there = origin.establish(&situation);
        tally.sweep(&there, situation, steps.iter().copied());
    }
    tally.check(630, 64);
}

#[test]
fn the_old_agent_must_sign_not_just_be_named() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    let mut set = world.set_agent(Caller::CONTRIBUTOR, Some(Actor::Agent), Actor::Successor);
    set.accounts[3].is_signer = false;
    assert_eq!(world.refusal(set), EbbError::AgentSignatureRequired);
}

#[test]
fn the_same_or_no_agent_is_refused() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let same = world.set_agent(Caller::CONTRIBUTOR, None, Actor::Agent);
    assert_eq!(world.refusal(same.clone()), EbbError::NothingToChange);
    let mut none = same;
    none.data = EbbInstruction::SetAgent {
        expect: Expect::default(),
        agent: Pubkey::default(),
    }
    .pack()
    .expect("it encodes");
    assert_eq!(world.refusal(none), EbbError::InvalidKey);
}

#[test]
fn a_lost_agent_is_replaced_once_its_sessions_are_evicted() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    world.must(world.drain(Caller::CONTRIBUTOR, false));
    let replace = world.set_agent(Caller::CONTRIBUTOR, None, Actor::Successor);
    assert_eq!(
        world.refusal(replace.clone()),
        EbbError::AgentSignatureRequired
    );
    world.pass(DEADLINE);
    world.must(world.close_session(Caller::CONTRIBUTOR, &user(0)));
    world.must(replace);
    world.must(world.undrain(Actor::Contributor));
    assert_eq!(
        world.refusal(world.open_session(Actor::Agent, &user(0))),
        EbbError::NotAgent
    );
    world.must(world.open_session(Actor::Successor, &user(0)));
}

#[test]
fn a_replaced_agent_loses_its_role_at_once() {
    let situation = Situation {
        sessions: 1,
        deadline: Deadline::Ahead,
        ..Situation::of(Some(Draining))
    };
    let mut world = situation.establish(&World::new());
    world.must(world.set_agent(Caller::AUTHORITY, None, Actor::Successor));
    let close = world.close_session(Caller::AGENT, &user(0));
    assert_eq!(world.refusal(close), EbbError::NotAgent);
    let successor = Caller::new(Actor::Successor, Credential::None);
    world.must(world.close_session(successor, &user(0)));
}
