//! Running drains.

pub mod dry_run;
mod outcome;
pub mod preview;
mod progress;
pub mod run;
pub mod start;
