//! The registry, contributors and locations.

use {
    super::{Scenario, Slot, AUTHORITY, CONTRIBUTOR, OWNER, REGISTRY},
    crate::{Actor, Caller, World},
    ebb_sdk::{
        state::AccountType::{Contributor, Location},
        EbbError::{
            AlreadyExists, AlreadySuspended, NotNominee, NotSuspended, NotUpgradeAuthority,
            NothingToChange, Unauthorized,
        },
    },
};

/// What the authority creates, it counts in the registry.
const CREATING: [Slot; 5] = [
    AUTHORITY,
    Slot::Payer,
    REGISTRY,
    Slot::Vacancy(AlreadyExists),
    Slot::System,
];

pub fn scenarios(world: &World) -> Vec<Scenario> {
    let mut all = registry(world);
    all.extend(contributors(world));
    all.extend(locations(world));
    all
}

fn registry(world: &World) -> Vec<Scenario> {
    let by_authority = [AUTHORITY, REGISTRY];
    let (bare, mut nominated) = (World::bare(), world.clone());
    nominated.must(world.nominate(Actor::Authority, Some(Actor::Successor)));
    let initialize = [
        Slot::Signer(Some(NotUpgradeAuthority)),
        Slot::Payer,
        Slot::Vacancy(AlreadyExists),
        Slot::Program,
        Slot::ProgramData,
        Slot::System,
    ];
    let (initialized, policy) = (bare.initialize(), world.set_policy(Actor::Authority, true));
    let oracle = world.set_oracle(Actor::Authority, Actor::Successor);
    let nominate = world.nominate(Actor::Authority, Some(Actor::Successor));
    let accept = world.accept(Actor::Successor);
    let accepting = [Slot::Signer(Some(NotNominee)), REGISTRY];
    vec![
        Scenario::new("initialize", bare, initialized, &initialize, AlreadyExists).tags(&[65]),
        Scenario::new(
            "set-policy",
            world.clone(),
            policy,
            &by_authority,
            NothingToChange,
        )
        .tags(&[1]),
        Scenario::new(
            "set-oracle",
            world.clone(),
            oracle,
            &by_authority,
            NothingToChange,
        ),
        Scenario::new(
            "nominate",
            world.clone(),
            nominate,
            &by_authority,
            NothingToChange,
        ),
        Scenario::new("accept", nominated, accept, &accepting, NotNominee),
    ]
}

fn contributors(world: &World) -> Vec<Scenario> {
    let (mut suspended, mut nominated) = (world.clone(), world.clone());
    suspended.must(world.set_suspended(Actor::Authority, true));
    nominated.must(world.nominate_contributor(Caller::AUTHORITY, Some(Actor::Successor)));
    let suspending = [AUTHORITY, Slot::Any(Contributor, None), REGISTRY];
    let resuming = [
        AUTHORITY,
        Slot::Any(Contributor, Some(NotSuspended)),
        REGISTRY,
    ];
    let own = Slot::Any(Contributor, Some(Unauthorized));
    let by_contributor = [CONTRIBUTOR, OWNER, Slot::Credential];
    let by_authority = [AUTHORITY, Slot::Any(Contributor, None), Slot::Credential];
    let accepting = [
        Slot::Signer(Some(NotNominee)),
        Slot::Any(Contributor, Some(NotNominee)),
    ];
    let create = world.create_contributor("co09", Actor::Successor);
    let suspend = world.set_suspended(Actor::Authority, true);
    let resume = world.set_suspended(Actor::Authority, false);
    let operator = world.set_operator(Actor::Contributor, Some(Actor::Successor));
    let nominate = |by| world.nominate_contributor(by, Some(Actor::Successor));
    let (own_nominee, given) = (nominate(Caller::CONTRIBUTOR), nominate(Caller::AUTHORITY));
    let accept = world.accept_contributor(Actor::Successor);
    let new = |name, instruction, slots, again| {
        Scenario::new(name, world.clone(), instruction, slots, again)
    };
    vec![
        new("create-contributor", create, &CREATING, AlreadyExists).strings(&["co09"]),
        new("suspend", suspend, &suspending, AlreadySuspended),
        Scenario::new("resume", suspended, resume, &resuming, NotSuspended),
        new(
            "set-operator",
            operator,
            &[CONTRIBUTOR, own],
            NothingToChange,
        ),
        new(
            "nominate-own",
            own_nominee,
            &by_contributor,
            NothingToChange,
        ),
        new("nominate-for", given, &by_authority, NothingToChange),
        Scenario::new(
            "accept-contributor",
            nominated,
            accept,
            &accepting,
            NotNominee,
        ),
    ]
}

fn locations(world: &World) -> Vec<Scenario> {
    let create = world.create_location("lon", 3);
    let budget = world.set_budget(Actor::Authority, 3);
    let budgeting = [AUTHORITY, Slot::Any(Location, None), REGISTRY];
    vec![
        Scenario::new(
            "create-location",
            world.clone(),
            create,
            &CREATING,
            AlreadyExists,
        )
        .strings(&["lon", "Amsterdam"]),
        Scenario::new(
            "set-budget",
            world.clone(),
            budget,
            &budgeting,
            NothingToChange,
        ),
    ]
}
