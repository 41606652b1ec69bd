//! What may happen.

use {super::USERS, proptest::prelude::*};

/// What happens in a second.
#[derive(Clone, Debug)]
pub enum Step {
    /// The agent observes, plans and acts; `faults` are bits of what fails.
    Pass {
        faults: u16,
    },
    /// The ledger is away, or the agent does not get to run.
    Nothing,
    /// The agent is killed and starts again.
    Crash,
    /// What was sent lands, in order.
    Lands,
    /// What was sent is lost.
    Lost,
    Drain,
    Undrain,
    Retire,
    Dies,
    Lives,
    Evict(usize),
    /// Somebody closes a session with the agent's key, as the agent may at any time.
    CloseAsAgent(usize),
    Connect(usize),
    Disconnect(usize),
    /// The device forgets what the agent has set on it.
    Restarts,
    /// Somebody else brings up what the agent has shut.
    Reconfigured,
    /// Somebody else lowers the routes, or lifts that.
    Lowers,
    Lifts,
}

pub fn step() -> impl Strategy<Value = Step> {
    let user = 0..USERS;
    prop_oneof![
        20 => Just(Step::Pass { faults: 0 }),
        8 => any::<u16>().prop_map(|faults| Step::Pass { faults }),
        2 => Just(Step::Nothing),
        2 => Just(Step::Crash),
        6 => Just(Step::Lands),
        1 => Just(Step::Lost),
        2 => Just(Step::Drain),
        2 => Just(Step::Undrain),
        1 => Just(Step::Retire),
        1 => Just(Step::Dies),
        1 => Just(Step::Lives),
        2 => user.clone().prop_map(Step::Evict),
        1 => user.clone().prop_map(Step::CloseAsAgent),
        3 => user.clone().prop_map(Step::Connect),
        3 => user.prop_map(Step::Disconnect),
        1 => Just(Step::Restarts),
        1 => Just(Step::Reconfigured),
        1 => Just(Step::Lowers),
        1 => Just(Step::Lifts),
    ]
}
