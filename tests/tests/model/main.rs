//! A model of the network in plain Rust, written from `docs/design.md` and not from the SDK's `lifecycle`,
//! against the compiled program: random instructions by everyone, and after each one the program
//! has answered as the model, and the ledger holds what the model holds.
//!
//! ```console
//! $ EBB_MODEL_INSTRUCTIONS=1000000 cargo test --workspace --test model -- --nocapture
//! ```
//!
//! `EBB_MODEL_INSTRUCTIONS` sets how many (100,000 if unset), `EBB_MODEL_SEED` which ones (the same
//! in every run if unset). A failure reports the shortest sequence that leads to it.

mod chain;
mod machine;
mod strategy;
mod tally;

use {
    chain::Chain,
    ebb_tests::model::step::Step,
    machine::{Reference, TALLY},
    proptest::test_runner::{Config, RngSeed, TestError, TestRunner},
    proptest_state_machine::{ReferenceStateMachine, StateMachineTest},
    std::{cell::RefCell, env, panic, thread},
};

const INSTRUCTIONS: u64 = 100_000;
const SEED: u64 = 1;
/// Instructions from the founding of a network to its end.
const LEN: u64 = 250;
/// Networks that live at the same time, each on its own thread.
const THREADS: u64 = 4;

thread_local! {
    /// Where and why this thread's last run failed.
    static LAST_FAILURE: RefCell<String> = const { RefCell::new(String::new()) };
}

#[test]
fn program_and_model_agree() {
    let instructions = variable("EBB_MODEL_INSTRUCTIONS").unwrap_or(INSTRUCTIONS);
    let seed = variable("EBB_MODEL_SEED").unwrap_or(SEED);
    let cases = u32::try_from(instructions.div_ceil(LEN * THREADS)).expect("a number of networks");

    // Shrinking fails many times; only its result is reported.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|failure| {
        LAST_FAILURE.replace(failure.to_string());
    }));
    let failures: Vec<String> = thread::scope(|scope| {
        let seeds = (0..THREADS).map(|thread| seed.wrapping_mul(THREADS).wrapping_add(thread));
        let runs: Vec<_> = seeds
            .map(|seed| scope.spawn(move || run(cases, seed)))
            .collect();
        runs.into_iter()
            .filter_map(|run| run.join().expect("the runner catches panics").err())
            .collect()
    });
    panic::set_hook(hook);
    if let Some(failure) = failures.first() {
        panic!("with EBB_MODEL_SEED={seed}: {failure}");
    }

    let tally = TALLY.lock().expect("nothing panics while counting");
    println!("{tally}");
    let total = tally.total();
    assert!(total.accepted + total.refused >= instructions);
    assert!(total.accepted >= instructions / 3, "few are accepted");
    // Initialisation is accepted once, when the network is founded.
    for number in 1..=29 {
        let accepted = tally.accepted(number);
        assert!(accepted >= instructions / 1_000, "{number}: {accepted}");
    }
}

fn run(cases: u32, seed: u64) -> Result<(), String> {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4_096,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    let steps = Reference::sequential_strategy(LEN as usize);
    let result = TestRunner::new(config.clone()).run(&steps, |(reference, steps, seen)| {
        Chain::test_sequential(config.clone(), reference, steps, seen);
        Ok(())
    });
    result.map_err(|error| match error {
        TestError::Abort(reason) => reason.to_string(),
        TestError::Fail(_, (founded, steps, _)) => sequence(config, &founded, steps),
    })
}

/// Drops the steps that the failure does without and prints the rest. Shrinking tries that before it
/// simplifies steps; some can be dropped only after.
fn sequence(config: Config, founded: &Reference, mut steps: Vec<Step>) -> String {
    let fails = |steps: &[Step]| {
        let (config, founded) = (config.clone(), founded.clone());
        let run = || Chain::test_sequential(config, founded, steps.to_vec(), None);
        panic::catch_unwind(panic::AssertUnwindSafe(run)).is_err()
    };
    for index in (0..steps.len()).rev() {
        let mut fewer = steps.clone();
        fewer.remove(index);
        if fails(&fewer) {
            steps = fewer;
        }
    }
    assert!(fails(&steps), "the failure comes and goes");
    let founded = format!("{}\n\nA network is founded, then\n", LAST_FAILURE.take());
    (1..).zip(&steps).fold(founded, |sequence, (number, step)| {
        format!("{sequence}{number:>4}. {step:?}\n")
    })
}

fn variable(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}
