//! Draining on the command line: what it will do to users, how it goes, and how it went.

mod amendment;
pub mod announce;
pub mod bars;
pub mod dry_run;
mod outcome;
pub mod parallel;
pub mod preview;
mod progress;
pub mod rate_limited;
pub mod run;
pub mod summary;
mod text;
