//! Draining on the command line: what it will do to users, how it goes, and how it went.

mod amendment;
pub mod announce;
pub mod bars;
pub mod dry_run;
pub mod outcome;
pub mod preview;
pub mod rate_limited;
pub mod summary;
pub mod text;
