//! The harness of the tests that run the compiled program in an SVM.
//!
//! A [`World`] is a ledger with the program installed and everyone funded, once with mainnet's features and once with
//! every feature that agave knows. Every transaction goes
//! through [`World::submit`], which holds each one to what is true of all: a refusal writes nothing,
//! an acceptance leaves the accounts consistent and logs one event for each instruction.
//!
//! What the rules say is in [`model`] and nowhere else: a [`ModelledWorld`] compares every answer and every account with it.

mod actor;
mod furnished;
mod instructions;
mod invariant;
pub mod model;
mod modelled_world;
mod places;
mod scenario;
mod situation;
mod snapshot;
mod svm_pair;
mod world;

pub use {
    actor::{Actor, Caller, Credential},
    instructions::{commitment, path, user, DEADLINE, MAX_SESSIONS},
    modelled_world::ModelledWorld,
    places::Places,
    scenario::{Scenario, Slot},
    situation::{Deadline, Holding, Report, Situation},
    snapshot::{Held, Record, Snapshot, ACCOUNT_TYPES},
    world::{Outcome, Refusal, World, START, START_SLOT},
};

/// The program as it is deployed.
pub use ebb_sdk::elf::PROGRAM_ELF as PROGRAM;
