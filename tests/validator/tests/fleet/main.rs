//! Fleets, drained by the CLI on a validator.

mod drains;
mod fleet;
mod waits;
