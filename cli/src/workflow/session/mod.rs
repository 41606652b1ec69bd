//! Sessions: opened and closed.

pub mod close;
pub mod open;
