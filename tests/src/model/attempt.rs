//! Steps taken in the model.

use {
    super::{
        instruction,
        rules::Verdict,
        state::{Model, Now},
        step::{By, ContributorDeed, Deed, Step},
    },
    crate::{Actor, Caller, START, START_SLOT},
    ebb_sdk::Role,
    solana_sdk::instruction::Instruction,
};

/// An instruction, and the outcome that the model expects.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub instruction: Instruction,
    pub verdict: Verdict,
}

impl Model {
    /// A registry, two contributors, the first with an operator, and two locations.
    pub fn founded() -> Self {
        let mut model = Self::bare();
        for step in founding() {
            model.must(&step);
        }
        model
    }

    /// Nothing initialised, at the time when a world begins.
    pub fn bare() -> Self {
        Self {
            now: Now {
                slot: START_SLOT,
                time: START,
            },
            ..Self::default()
        }
    }

    /// Takes a step. If it is refused, only time has passed.
    pub fn take(&mut self, step: &Step) -> Attempt {
        self.now.time += i64::from(step.pause.seconds);
        self.now.slot += u64::from(step.pause.slots);
        let call = self.resolve(step);
        let instruction = instruction::build(self, &call);
        let verdict = self.attempt(&call);
        Attempt {
            instruction,
            verdict,
        }
    }

    /// Takes a step that is accepted, and returns its instruction.
    #[track_caller]
    pub fn must(&mut self, step: &Step) -> Instruction {
        let attempt = self.take(step);
        assert!(attempt.verdict.is_ok(), "{step:?}: {:?}", attempt.verdict);
        attempt.instruction
    }

    /// Lets time pass, two slots a second.
    pub fn pass(&mut self, seconds: u32) {
        self.now.time += i64::from(seconds);
        self.now.slot += 2 * u64::from(seconds);
    }
}

/// The steps of [`Model::founded`].
pub fn founding() -> [Step; 6] {
    let create = |key| ContributorDeed::Create(Some(key));
    let operator = ContributorDeed::SetOperator(Some(Actor::Operator));
    let by_authority = |deed| Step::new(By::Role(Role::Authority), deed);
    [
        Step::new(Actor::Deployer, Deed::Initialize),
        by_authority(Deed::Contributor(0, create(Actor::Contributor))),
        by_authority(Deed::Contributor(1, create(Actor::OtherContributor))),
        by_authority(Deed::CreateLocation(0, 0)),
        by_authority(Deed::CreateLocation(1, 0)),
        Step::new(Caller::CONTRIBUTOR, Deed::Contributor(0, operator)),
    ]
}
