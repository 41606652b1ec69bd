//! Registry, contributors and their keys.

use {
    crate::domain::{Tally, CALLERS, SIGNERS},
    ebb_sdk::{
        state::{Contributor, HoldKind, Location, ProvisioningStatus, Registry},
        EbbError,
    },
    ebb_tests::{
        model::step::{ContributorDeed, Deed, Step},
        user, Actor, Caller, Credential, Deadline, ModelledWorld, Places, Situation, World,
    },
    solana_sdk::instruction::Instruction,
    ProvisioningStatus::{Activated, Draining, Pending, Retired},
};

type Order = fn(&World, Actor) -> Instruction;

/// What only the registry's authority orders.
const ORDERS: [Order; 8] = [
    |world, by| world.set_policy(by, true),
    |world, by| world.set_oracle(by, Actor::Successor),
    |world, by| world.nominate(by, Some(Actor::Successor)),
    |world, by| world.set_suspended(by, true),
    |world, by| world.set_budget(by, 7),
    |world, by| world.reassign(by, 0, Actor::Successor),
    |world, by| signed(world.create_contributor("co09", Actor::Successor), by),
    |world, by| signed(world.create_location("lon", 3), by),
];

fn signed(mut instruction: Instruction, by: Actor) -> Instruction {
    instruction.accounts[0].pubkey = by.key();
    instruction
}

fn pending() -> World {
    let situation = Situation {
        disk_keys: 1,
        ..Situation::of(Some(Pending))
    };
    situation.establish(&World::new())
}

#[test]
fn the_authority_alone_runs_the_network() {
    let world = pending();
    for order in ORDERS {
        for signer in SIGNERS {
            let mut world = world.clone();
            if signer == Actor::Authority {
                world.must(order(&world, signer));
            } else {
                let refusal = world.refusal(order(&world, signer));
                assert_eq!(refusal, EbbError::Unauthorized, "{signer:?}");
            }
        }
    }
}

#[test]
fn what_changes_nothing_is_refused() {
    let mut world = World::new();
    let authority = Actor::Authority;
    let cases = [
        (
            world.set_policy(authority, false),
            EbbError::NothingToChange,
        ),
        (
            world.set_oracle(authority, Actor::Oracle),
            EbbError::NothingToChange,
        ),
        (world.nominate(authority, None), EbbError::NothingToChange),
        (
            world.set_suspended(authority, false),
            EbbError::NotSuspended,
        ),
        (world.set_budget(authority, 0), EbbError::NothingToChange),
        (
            world.set_operator(Actor::Contributor, Some(Actor::Operator)),
            EbbError::NothingToChange,
        ),
        (
            world.nominate_contributor(Caller::CONTRIBUTOR, None),
            EbbError::NothingToChange,
        ),
        (
            world.create_contributor(Places::CONTRIBUTOR, Actor::Contributor),
            EbbError::AlreadyExists,
        ),
        (
            world.create_location(Places::LOCATION, 0),
            EbbError::AlreadyExists,
        ),
        (world.initialize(), EbbError::AlreadyExists),
    ];
    for (instruction, refusal) in cases {
        assert_eq!(world.refusal(instruction), refusal);
    }
    world.must(world.set_suspended(authority, true));
    let again = world.set_suspended(authority, true);
    assert_eq!(world.refusal(again), EbbError::AlreadySuspended);
}

#[test]
fn the_registrys_authority_changes_hands_in_two_steps() {
    let mut world = World::new();
    let registry = |world: &World| world.get::<Registry>(&world.at.registry);
    let before = registry(&world);

    world.must(world.nominate(Actor::Authority, Some(Actor::Stranger)));
    world.must(world.nominate(Actor::Authority, Some(Actor::Successor)));
    for signer in [Actor::Stranger, Actor::Authority, Actor::Deployer] {
        let accept = world.accept(signer);
        assert_eq!(world.refusal(accept), EbbError::NotNominee);
    }
    let early = world.set_policy(Actor::Successor, true);
    assert_eq!(world.refusal(early.clone()), EbbError::Unauthorized);

    world.must(world.accept(Actor::Successor));
    let expected = Registry {
        authority: Actor::Successor.key(),
        sequence: before.sequence + 3,
        ..before
    };
    assert_eq!(registry(&world), expected);
    world.must(early);
    let late = world.set_policy(Actor::Authority, false);
    assert_eq!(world.refusal(late), EbbError::Unauthorized);
    let again = world.accept(Actor::Successor);
    assert_eq!(world.refusal(again), EbbError::NotNominee);
}

#[test]
fn a_nomination_can_be_withdrawn() {
    let mut world = World::new();
    world.must(world.nominate(Actor::Authority, Some(Actor::Successor)));
    world.must(world.nominate(Actor::Authority, None));
    let accept = world.accept(Actor::Successor);
    assert_eq!(world.refusal(accept), EbbError::NotNominee);

    world.must(world.nominate_contributor(Caller::CONTRIBUTOR, Some(Actor::Successor)));
    world.must(world.nominate_contributor(Caller::AUTHORITY, None));
    let accept = world.accept_contributor(Actor::Successor);
    assert_eq!(world.refusal(accept), EbbError::NotNominee);
}

#[test]
fn who_nominates_for_a_contributor() {
    let nominate = Deed::Contributor(0, ContributorDeed::Nominate(Some(Actor::Successor)));
    let callers = CALLERS.into_iter();
    let steps = callers
        .filter(|caller| caller.credential != Credential::None)
        .map(|caller| Step::new(caller, nominate));
    let mut tally = Tally::default();
    tally.sweep(&ModelledWorld::founded(), "nominate", steps);
    tally.check(15, 2);
}

#[test]
fn a_contributors_authority_changes_hands_even_while_suspended_and_draining() {
    let situation = Situation {
        suspended: true,
        deadline: Deadline::Passed,
        sessions: 1,
        ..Situation::of(Some(Draining))
    };
    let mut world = situation.establish(&World::new());
    world.must(world.nominate_contributor(Caller::AUTHORITY, Some(Actor::Successor)));
    let accept = world.accept_contributor(Actor::Stranger);
    assert_eq!(world.refusal(accept), EbbError::NotNominee);
    world.must(world.accept_contributor(Actor::Successor));

    let contributor = world.get::<Contributor>(&world.at.contributor).head;
    assert_eq!(contributor.authority, Actor::Successor.key());
    assert_eq!(contributor.nominee, Default::default());
    assert_eq!(contributor.operator, Default::default());
    assert!(contributor.suspended);

    let successor = Caller::new(Actor::Successor, Credential::Contributor);
    for instruction in [
        world.close_session(Caller::CONTRIBUTOR, &user(0)),
        world.retire(Caller::CONTRIBUTOR),
        world.set_operator(Actor::Contributor, None),
    ] {
        assert_eq!(world.refusal(instruction), EbbError::Unauthorized);
    }
    world.must(world.close_session(successor, &user(0)));
    world.must(world.retire(successor));
}

/// Who stole the contributor's key has named a successor and an operator of its own.
#[test]
fn suspend_nominate_accept_resume_rescues_a_contributor_whose_key_was_stolen() {
    let mut world = Situation::of(Some(Draining)).establish(&World::new());
    let thief = Caller::CONTRIBUTOR;
    world.must(world.nominate_contributor(thief, Some(Actor::Stranger)));
    world.must(world.set_suspended(Actor::Authority, true));
    world.must(world.nominate_contributor(Caller::AUTHORITY, Some(Actor::Successor)));
    for nominee in [Some(Actor::Stranger), None] {
        let nominate = world.nominate_contributor(thief, nominee);
        assert_eq!(world.refusal(nominate), EbbError::ContributorSuspended);
    }
    let accept = world.accept_contributor(Actor::Stranger);
    assert_eq!(world.refusal(accept), EbbError::NotNominee);
    world.must(world.set_operator(thief.actor, Some(Actor::Stranger)));
    world.must(world.accept_contributor(Actor::Successor));
    world.must(world.set_suspended(Actor::Authority, false));

    let undrain = world.undrain(Actor::Contributor);
    assert_eq!(world.refusal(undrain), EbbError::Unauthorized);
    let undrain = world.undrain(Actor::Stranger);
    assert_eq!(world.refusal(undrain), EbbError::Unauthorized);
    world.must(world.undrain(Actor::Successor));
}

#[test]
fn who_sets_the_operator() {
    let mut tally = Tally::default();
    for operator in [None, Some(Actor::Successor)] {
        let set = Deed::Contributor(0, ContributorDeed::SetOperator(operator));
        let steps = SIGNERS.map(|signer| Step::new(signer, set));
        tally.sweep(&ModelledWorld::founded(), "set the operator", steps);
    }
    tally.check(18, 2);
}

#[test]
fn an_operator_that_was_cleared_runs_nothing() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.set_operator(Actor::Contributor, None));
    let drain = world.drain(Caller::OPERATOR, false);
    assert_eq!(world.refusal(drain), EbbError::Unauthorized);
}

#[test]
fn a_replaced_oracle_reports_nothing() {
    let mut world = pending();
    world.must(world.set_oracle(Actor::Authority, Actor::Successor));
    let healthy = ebb_sdk::state::Health::Healthy;
    let report = world.report(Caller::ORACLE, healthy);
    assert_eq!(world.refusal(report), EbbError::Unauthorized);
    let successor = Caller::new(Actor::Successor, Credential::Registry);
    world.must(world.report(successor, healthy));
}

#[test]
fn a_suspended_contributor_moves_towards_safety_only() {
    let situation = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    };
    let mut world = situation.establish(&World::new());
    world.must(world.place_hold(Caller::OPERATOR, HoldKind::CriticalTraffic, 60));
    world.must(world.set_suspended(Actor::Authority, true));

    let suspended = |world: &mut World, instruction| {
        assert_eq!(world.refusal(instruction), EbbError::ContributorSuspended);
    };
    let create = world.create_device(Actor::Contributor, Places::OTHER_DEVICE);
    let hold = world.place_hold(Caller::CONTRIBUTOR, HoldKind::PendingTask, 60);
    let undrain = world.undrain(Actor::Authority);
    suspended(&mut world, create);
    suspended(&mut world, hold.clone());
    world.must(world.release_hold(Caller::OPERATOR, 1));
    world.must(world.drain(Caller::OPERATOR, false));
    suspended(&mut world, hold);
    suspended(&mut world, undrain);
    let disk_key = world.register_disk_key(Actor::Custodian, Caller::CONTRIBUTOR, 0);
    suspended(&mut world, disk_key);
    world.pass(ebb_tests::DEADLINE);
    world.must(world.close_session(Caller::OPERATOR, &user(0)));
    world.must(world.set_agent(Caller::CONTRIBUTOR, None, Actor::Successor));
    let retired = world.must(world.retire(Caller::CONTRIBUTOR));
    assert_eq!(retired.statuses(), Some((Draining, Retired)));
    world.must(world.remove(Caller::CONTRIBUTOR));

    world.must(world.set_suspended(Actor::Authority, false));
    world.must(world.create_device(Actor::Contributor, Places::DEVICE));
}

#[test]
fn the_credential_passed_decides_the_role_of_a_key_that_holds_two() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.set_operator(Actor::Contributor, Some(Actor::Authority)));
    let as_operator = Caller::new(Actor::Authority, Credential::Contributor);
    let forced = world.drain(as_operator, true);
    assert_eq!(world.refusal(forced), EbbError::ForceNotAllowed);
    let drained = world.must(world.drain(as_operator, false));
    assert_eq!(drained.role, ebb_sdk::Role::Operator);
    let retire = world.retire(as_operator);
    assert_eq!(world.refusal(retire), EbbError::RoleNotAllowed);
    world.must(world.retire(Caller::AUTHORITY));
}

#[test]
fn registry_counts_what_was_created() {
    let world = World::new();
    let registry = world.get::<Registry>(&world.at.registry);
    assert_eq!((registry.contributors, registry.locations), (2, 2));
    let location = world.get::<Location>(&world.at.location);
    assert_eq!(location.name, "Amsterdam");
    assert_eq!(location.head.country, *b"NL");
}
