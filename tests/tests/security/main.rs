//! Every instruction against each class of attack. One table of well-formed instructions
//! ([`Scenario::all`]), one mutation of it for each class.

mod accounts;
mod closing;
mod counters;
mod data;
mod duplicates;
mod features;
mod initialize;
mod prepared;
mod signers;
mod time;
mod vacancies;

use {
    ebb_sdk::EbbError,
    ebb_tests::{Refusal, Scenario, World},
    solana_sdk::instruction::Instruction,
};

/// Tries a mutated instruction in a world, each time in a fresh copy, and counts.
#[derive(Default)]
struct Attacks(usize);

impl Attacks {
    /// The instruction is refused so.
    #[track_caller]
    fn refused(
        &mut self,
        world: &World,
        instruction: Instruction,
        expected: EbbError,
        what: impl std::fmt::Debug,
    ) {
        self.0 += 1;
        let found = world.clone().send(instruction);
        assert_eq!(found, Err(Refusal::Ebb(expected)), "{what:?}");
    }

    /// The instruction is accepted after all.
    #[track_caller]
    fn accepted(&mut self, world: &World, instruction: Instruction, what: impl std::fmt::Debug) {
        self.0 += 1;
        let found = world.clone().send(instruction);
        assert!(found.is_ok(), "{found:?}: {what:?}");
    }

    /// The instruction is accepted or refused by the program, and neither fails in the runtime.
    #[track_caller]
    fn answered(&mut self, world: &World, instruction: Instruction, what: impl std::fmt::Debug) {
        self.0 += 1;
        let found = world.clone().send(instruction);
        let failed = matches!(found, Err(Refusal::Other(_)));
        assert!(!failed, "{found:?}: {what:?}");
    }
}

/// A copy of a scenario's instruction with one account replaced.
fn replaced(scenario: &Scenario, slot: usize, by: solana_sdk::pubkey::Pubkey) -> Instruction {
    let mut instruction = scenario.instruction.clone();
    instruction.accounts[slot].pubkey = by;
    instruction
}

#[test]
fn every_instruction_is_in_the_table_and_accepted() {
    let mut numbers: Vec<u8> = Vec::new();
    for scenario in Scenario::all() {
        let mut world = scenario.world;
        let event = world.must(scenario.instruction.clone());
        numbers.push(scenario.instruction.data[0]);
        assert_eq!(event.kind as u8, scenario.instruction.data[0]);
    }
    assert_eq!(numbers.len(), 54);
    numbers.dedup();
    assert!(numbers.into_iter().eq(0..30));
}
