use {
    crate::{
        model::{
            attempt::founding,
            ledger::Expected,
            rules::Verdict,
            state::Model,
            step::{Pause, Step},
        },
        Situation, World,
    },
    std::sync::LazyLock,
};

/// A ledger and the model of it.
#[derive(Clone)]
pub struct ModelledWorld {
    /// The ledger.
    pub world: World,
    /// The model of it.
    pub model: Model,
}

impl ModelledWorld {
    /// A registry, two contributors, the first with an operator, and two locations, on a ledger without
    /// signature checks.
    pub fn founded() -> Self {
        static FOUNDED: LazyLock<ModelledWorld> = LazyLock::new(|| {
            let mut there = ModelledWorld {
                world: World::bare().without_signature_checks(),
                model: Model::bare(),
            };
            for step in founding() {
                there.must(&step);
            }
            there
        });
        FOUNDED.clone()
    }

    /// The same network in a situation.
    #[track_caller]
    pub fn establish(&self, situation: &Situation) -> Self {
        let mut there = self.clone();
        for step in situation.steps() {
            there.must(&step);
        }
        there.pass(Situation::AGE);
        there
    }

    /// Takes a step and returns the answer.
    ///
    /// # Errors
    /// How the ledger's answer, or what it leaves in the accounts, differs from the model's.
    pub fn take(&mut self, step: &Step) -> Result<Verdict, String> {
        let attempt = self.model.take(step);
        if step.pause != Pause::default() {
            let now = self.model.now;
            self.world.set_clock(now.slot, now.time);
        }
        let found = self.world.answer(attempt.instruction);
        if found != attempt.verdict {
            return Err(format!("{found:?}, not {:?}", attempt.verdict));
        }
        let differs = |_| Expected::of(&self.model).difference(&self.world);
        match found.as_ref().ok().and_then(differs) {
            Some(difference) => Err(difference),
            None => Ok(found),
        }
    }

    /// Takes a step that is accepted.
    #[track_caller]
    pub fn must(&mut self, step: &Step) {
        let answer = self.take(step);
        assert!(matches!(answer, Ok(Ok(_))), "{step:?}: {answer:?}");
    }

    /// Lets time pass, two slots a second.
    pub fn pass(&mut self, seconds: u32) {
        self.world.pass(seconds);
        self.model.pass(seconds);
    }
}
