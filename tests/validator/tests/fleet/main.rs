//! Fleets, drained by the CLI on a validator.

mod drains;
mod fleet;
mod imports;
mod integrator;
mod lists;
mod waits;
