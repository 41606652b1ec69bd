//! What the sweeps range over, and how one cell of a sweep is tried.

use {
    ebb_sdk::{state::ProvisioningStatus, EbbError},
    ebb_tests::{Actor, Caller, Credential, Refusal, Situation, Snapshot, World},
    solana_sdk::instruction::Instruction,
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

/// What a sweep came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub cells: usize,
    pub allowed: usize,
}

impl Tally {
    /// Sends an instruction to a copy of a world. It is refused as expected, or accepted and leaves
    /// the accounts edited as expected.
    #[track_caller]
    pub fn cell(
        &mut self,
        world: &World,
        instruction: Instruction,
        expected: Result<impl FnOnce(Snapshot) -> Snapshot, EbbError>,
        cell: impl fmt::Debug,
    ) {
        let mut world = world.clone();
        let before = world.snapshot();
        self.cells += 1;
        match (world.send(instruction), expected) {
            (Ok(_), Ok(edit)) => {
                self.allowed += 1;
                assert_eq!(world.snapshot(), edit(before), "{cell:?}");
            }
            (Err(Refusal::Ebb(found)), Err(expected)) => assert_eq!(found, expected, "{cell:?}"),
            (Err(found), _) => panic!("refused with {found:?}: {cell:?}"),
            (Ok(_), Err(expected)) => panic!("accepted, not {expected:?}: {cell:?}"),
        }
    }

    /// Checks the numbers of cells tried and allowed.
    #[track_caller]
    pub fn check(&self, cells: usize, allowed: usize) {
        assert_eq!(*self, Tally { cells, allowed });
    }
}
