//! What the sweeps range over, and how a sweep is made.

use {
    ebb_sdk::state::ProvisioningStatus,
    ebb_tests::{model::step::Step, Actor, Caller, Credential, ModelledWorld, Situation},
    std::fmt,
};

pub const BOTH: [bool; 2] = [false, true];

/// Everyone with every credential that could help.
pub const CALLERS: [Caller; 18] = [
    Caller::CONTRIBUTOR,
    Caller::OPERATOR,
    Caller::AUTHORITY,
    Caller::ORACLE,
    Caller::AGENT,
    Caller::new(Actor::Contributor, Credential::None),
    Caller::new(Actor::Contributor, Credential::Registry),
    Caller::new(Actor::Operator, Credential::Registry),
    Caller::new(Actor::Authority, Credential::Contributor),
    Caller::new(Actor::Oracle, Credential::Contributor),
    Caller::new(Actor::Agent, Credential::Contributor),
    Caller::new(Actor::Agent, Credential::Registry),
    Caller::new(Actor::Custodian, Credential::Contributor),
    Caller::new(Actor::Stranger, Credential::None),
    Caller::new(Actor::Stranger, Credential::Contributor),
    Caller::new(Actor::Stranger, Credential::Registry),
    Caller::new(Actor::OtherContributor, Credential::Contributor),
    Caller::new(Actor::OtherContributor, Credential::OtherContributor),
];

/// Everyone who could think of signing.
pub const SIGNERS: [Actor; 9] = [
    Actor::Contributor,
    Actor::Operator,
    Actor::Authority,
    Actor::Oracle,
    Actor::Agent,
    Actor::Custodian,
    Actor::Deployer,
    Actor::OtherContributor,
    Actor::Stranger,
];

/// No device, and one in each status.
pub fn every_status() -> Vec<Situation> {
    let mut all = vec![Situation::of(None)];
    all.extend(ProvisioningStatus::ALL.map(|status| Situation::of(Some(status))));
    all
}

/// Multiplies cases by the values that one part of them takes.
pub fn vary<C: Copy, T: Copy>(cases: &mut Vec<C>, values: &[T], set: impl Fn(&mut C, T)) {
    *cases = cases
        .iter()
        .flat_map(|case| {
            values.iter().map(|value| {
                let mut case = *case;
                set(&mut case, *value);
                case
            })
        })
        .collect();
}

/// How many steps a sweep took, and how many of them were accepted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub cells: usize,
    pub allowed: usize,
}

impl Tally {
    /// Takes each step from the same state. Ledger and model answer each with the same error, or with
    /// the same event and the same accounts; if not, `case` names the state.
    #[track_caller]
    pub fn sweep(
        &mut self,
        there: &ModelledWorld,
        case: impl fmt::Debug,
        steps: impl IntoIterator<Item = Step>,
    ) {
        let mut here = there.clone();
        for step in steps {
            self.cells += 1;
            match here.take(&step) {
                Ok(Err(_)) => {}
                Ok(Ok(_)) => {
                    self.allowed += 1;
                    here = there.clone();
                }
                Err(difference) => panic!("{difference}: {step:?}, {case:?}"),
            }
        }
    }

    /// Checks the numbers of cells tried and allowed.
    #[track_caller]
    pub fn check(&self, cells: usize, allowed: usize) {
        assert_eq!(*self, Tally { cells, allowed });
    }
}
