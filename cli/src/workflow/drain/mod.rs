//! Running drains.

mod progress;
pub mod run;
