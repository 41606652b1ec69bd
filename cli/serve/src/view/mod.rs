//! The current state of all accounts, as one consistent set that is replaced as a whole.

mod change;
mod follow;
mod known;
mod refresh;
mod state;
mod table;
#[cfg(test)]
pub mod tests;
mod trail;
mod views;

pub use {
    change::{Change, Changes},
    refresh::{keep_fresh, Step},
    state::View,
    table::{Coded, Table},
    trail::TrailPoint,
    views::{Position, Views},
};
