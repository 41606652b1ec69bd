//! Drains as text: what they will do to users, how they go, and how they went.

pub mod amendment;
pub mod announce;
pub mod bars;
pub mod dry_run;
pub mod outcome;
pub mod preview;
pub mod rate_limited;
pub mod stopped;
pub mod summary;
pub mod table;
pub mod text;
