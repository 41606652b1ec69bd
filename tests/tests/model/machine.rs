//! Takes random steps on the model and on the program, side by side.

use {
    crate::{chain::Chain, strategy, tally::Tally},
    ebb_sdk::Role,
    ebb_tests::{
        model::{
            address::PROGRAM_ID,
            instruction,
            rules::Verdict,
            state::Model,
            step::{Belief, By, ContributorDeed, Deed, Pause, Slip, Step},
        },
        Actor, Caller, Credential,
    },
    proptest::strategy::{BoxedStrategy, Just, Strategy},
    proptest_state_machine::{ReferenceStateMachine, StateMachineTest},
    solana_sdk::instruction::Instruction,
    std::sync::{LazyLock, Mutex},
};

/// What the steps of this process came to.
pub static TALLY: LazyLock<Mutex<Tally>> = LazyLock::new(Mutex::default);

/// The model, and what it made of the last step.
#[derive(Clone, Debug)]
pub struct Reference {
    pub model: Model,
    pub last: Option<Attempt>,
}

/// An instruction, and what the model says becomes of it.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub instruction: Instruction,
    pub verdict: Verdict,
}

impl Reference {
    fn take(mut self, step: &Step) -> Self {
        let model = &mut self.model;
        model.now.time += i64::from(step.pause.seconds);
        model.now.slot += u64::from(step.pause.slots);
        let call = model.resolve(step);
        let instruction = instruction::build(model, &call);
        let verdict = model.attempt(&call);
        self.last = Some(Attempt {
            instruction,
            verdict,
        });
        self
    }

    fn last(&self) -> &Attempt {
        self.last.as_ref().expect("a step was taken")
    }
}

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(FOUNDED.0.clone()).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        strategy::step(&state.model)
    }

    fn apply(state: Self, step: &Step) -> Self {
        state.take(step)
    }
}

impl StateMachineTest for Chain {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(_: &Reference) -> Self {
        FOUNDED.1.clone()
    }

    fn apply(mut chain: Self, reference: &Reference, _: Step) -> Self {
        let attempt = reference.last();
        chain.take(reference.model.now, attempt);
        let mut tally = TALLY.lock().expect("nothing panics while counting");
        tally.count(attempt);
        chain
    }

    fn check_invariants(chain: &Self, reference: &Reference) {
        chain.check(&reference.model);
    }
}

/// A registry, two contributors, the first with an operator, and two locations: what every run
/// begins with.
static FOUNDED: LazyLock<(Reference, Chain)> = LazyLock::new(|| {
    let mut chain = Chain::bare(PROGRAM_ID);
    let mut reference = Reference {
        model: Model {
            now: chain.now(),
            ..Model::default()
        },
        last: None,
    };
    let create = |key| ContributorDeed::Create(Some(key));
    let deployer = By::Caller(Caller::new(Actor::Deployer, Credential::None));
    let authority = By::Role(Role::Authority);
    let operator = ContributorDeed::SetOperator(Some(Actor::Operator));
    let acts = [
        (deployer, Deed::Initialize),
        (authority, Deed::Contributor(0, create(Actor::Contributor))),
        (
            authority,
            Deed::Contributor(1, create(Actor::OtherContributor)),
        ),
        (authority, Deed::CreateLocation(0, 0)),
        (authority, Deed::CreateLocation(1, 0)),
        (By::Role(Role::Contributor), Deed::Contributor(0, operator)),
    ];
    for (by, deed) in acts {
        reference = reference.take(&Step {
            pause: Pause::default(),
            by,
            deed,
            belief: Belief::Nothing,
            slip: Slip::None,
            payer: Actor::Payer,
        });
        let attempt = reference.last();
        assert!(attempt.verdict.is_ok(), "{deed:?}: {:?}", attempt.verdict);
        chain.take(reference.model.now, attempt);
        chain.check(&reference.model);
    }
    (reference, chain)
});
