//! A model of the network in plain Rust, written from `docs/design.md` and not from the SDK's `lifecycle`:
//! the one copy of the rules that the tests have of their own.

pub mod address;
pub mod attempt;
pub mod call;
pub mod instruction;
pub mod ledger;
pub mod rules;
pub mod state;
pub mod step;
