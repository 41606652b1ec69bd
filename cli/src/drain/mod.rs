//! Draining: what is asked for, what it will do to users, and the wait until it is done.

mod amendment;
pub mod announce;
pub mod dry_run;
mod evict;
pub mod lookout;
mod outcome;
pub mod pack;
pub mod parallel;
pub mod patience;
pub mod perform;
pub mod plan;
mod progress;
pub mod pulse;
pub mod request;
mod rolling;
pub mod screen;
mod start;
pub mod summary;
mod watch;
mod words;
