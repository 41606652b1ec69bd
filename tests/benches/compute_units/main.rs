//! Compute units of every instruction, on the compiled program.
//!
//! Each state is reached through real instructions; the accounts as they were before an instruction
//! are what it is measured on. `cargo bench --workspace --bench compute_units` writes `benches/compute_units.md` anew
//! where a figure changed.

mod chain;
mod registration;
mod service;

use chain::{Chain, Places};

fn main() {
    let (mut chain, at) = (Chain::new(), Places::new());
    registration::network(&mut chain);
    registration::contributor(&mut chain, &at);
    registration::locations(&mut chain, &at);
    registration::device(&mut chain, &at);
    service::drains(&mut chain, &at);
    service::holds(&mut chain, &at);
    service::end(&mut chain, &at);
    chain.report();
}
