//! Takes random steps on the model and on the program, side by side.

use {
    crate::{chain::Chain, strategy, tally::Tally},
    ebb_tests::{
        model::{attempt::Attempt, state::Model, step::Step},
        ModelledWorld,
    },
    proptest::strategy::{BoxedStrategy, Just, Strategy},
    proptest_state_machine::{ReferenceStateMachine, StateMachineTest},
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

impl Reference {
    fn last(&self) -> &Attempt {
        self.last.as_ref().expect("a step was taken")
    }
}

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        let reference = Self {
            model: FOUNDED.model.clone(),
            last: None,
        };
        Just(reference).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        strategy::step(&state.model)
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        state.last = Some(state.model.take(step));
        state
    }
}

impl StateMachineTest for Chain {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(_: &Reference) -> Self {
        Chain::of(FOUNDED.world.clone())
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

/// What every run begins with.
static FOUNDED: LazyLock<ModelledWorld> = LazyLock::new(ModelledWorld::founded);
