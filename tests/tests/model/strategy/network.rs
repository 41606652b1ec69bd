//! Steps on the registry, on contributors and on locations.

use {
    super::{aim, by, by_nominee, places, value, Act},
    ebb_sdk::Role,
    ebb_tests::{
        model::{
            state::{Contributor, Model, CONTRIBUTORS, LOCATIONS},
            step::{By, ContributorDeed, Deed},
        },
        Actor, Caller, Credential,
    },
    proptest::{
        bool,
        sample::select,
        strategy::{BoxedStrategy, Just, Strategy},
    },
    ContributorDeed::{Accept, Create, Nominate, Resume, SetOperator, Suspend},
};

const AUTHORITY: &[Role] = &[Role::Authority];
const CONTRIBUTOR: &[Role] = &[Role::Contributor];
const EITHER: &[Role] = &[Role::Contributor, Role::Authority];

/// Each with its weight.
pub fn acts(model: &Model) -> Vec<(u32, Act)> {
    let mut acts = registry(model);
    acts.extend(locations(model));
    acts.extend(contributors(model));
    acts
}

fn registry(model: &Model) -> Vec<(u32, Act)> {
    let deployer = By::Caller(Caller::new(Actor::Deployer, Credential::None));
    let nominated = model
        .registry
        .iter()
        .any(|registry| registry.nominee.is_some());
    let oracle = value::key().prop_map(Deed::SetHealthOracle);
    let nominate = value::key().prop_map(Deed::NominateAuthority);
    vec![
        (1, (Just(deployer), Just(Deed::Initialize)).boxed()),
        (6, by(AUTHORITY, bool::ANY.prop_map(Deed::SetPolicy))),
        (4, by(AUTHORITY, oracle)),
        (4, by(AUTHORITY, nominate)),
        (
            if nominated { 4 } else { 1 },
            by_nominee(Just(Deed::AcceptAuthority)),
        ),
    ]
}

fn locations(model: &Model) -> Vec<(u32, Act)> {
    let absent = (0..LOCATIONS).filter(|index| model.locations[*index].is_none());
    let present = places(&model.locations, |_| true);
    let (rarely, place) = aim(4, absent.collect(), 0..LOCATIONS);
    let create = (place, select(value::BUDGETS))
        .prop_map(|(index, budget)| Deed::CreateLocation(index, budget));
    let (often, place) = aim(8, present, 0..LOCATIONS);
    let set_budget =
        (place, select(value::BUDGETS)).prop_map(|(index, budget)| Deed::SetBudget(index, budget));
    vec![
        (rarely, by(AUTHORITY, create)),
        (often, by(AUTHORITY, set_budget)),
    ]
}

fn contributors(model: &Model) -> Vec<(u32, Act)> {
    let to = |weight, suits: fn(&Contributor) -> bool, deed: BoxedStrategy<ContributorDeed>| {
        let (weight, index) = aim(weight, places(&model.contributors, suits), 0..CONTRIBUTORS);
        let deed = (index, deed).prop_map(|(index, deed)| Deed::Contributor(index, deed));
        (weight, deed.boxed())
    };
    let absent = (0..CONTRIBUTORS).filter(|index| model.contributors[*index].is_none());
    let (create_weight, create) = aim(4, absent.collect(), 0..CONTRIBUTORS);
    let create = (create, value::key())
        .prop_map(|(index, authority)| Deed::Contributor(index, Create(authority)));

    let (suspend_weight, suspend) = to(4, |it| !it.suspended, Just(Suspend).boxed());
    let (resume_weight, resume) = to(10, |it| it.suspended, Just(Resume).boxed());
    let operator = value::key().prop_map(SetOperator).boxed();
    let (operator_weight, set_operator) = to(6, |_| true, operator);
    let nominate = value::key().prop_map(Nominate).boxed();
    let (nominate_weight, nominate) = to(6, |_| true, nominate);
    let (accept_weight, accept) = to(6, |it| it.nominee.is_some(), Just(Accept).boxed());
    vec![
        (create_weight, by(AUTHORITY, create)),
        (suspend_weight, by(AUTHORITY, suspend)),
        (resume_weight, by(AUTHORITY, resume)),
        (operator_weight, by(CONTRIBUTOR, set_operator)),
        (nominate_weight, by(EITHER, nominate)),
        (accept_weight, by_nominee(accept)),
    ]
}
