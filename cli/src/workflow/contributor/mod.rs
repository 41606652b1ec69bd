//! Contributors: admitted, suspended, and whose keys act for them.

pub mod accept;
pub mod create;
pub mod nominate;
pub mod set_operator;
pub mod suspension;
