//! Sessions: opened, closed and listed.

pub mod close;
mod labels;
pub mod list;
pub mod open;
