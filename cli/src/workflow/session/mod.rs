//! Sessions: opened and closed.

pub mod close;
mod labels;
pub mod open;

pub use labels::labels;
