//! Draining: what is asked for, what it will do to users, and the wait until it is done.

pub mod announce;
pub mod dry_run;
mod evict;
pub mod pack;
pub mod perform;
mod progress;
pub mod pulse;
pub mod request;
mod screen;
mod watch;
mod words;
