//! Locations: created, imported, and their budgets.

pub mod create;
pub mod import;
pub mod set_budget;
