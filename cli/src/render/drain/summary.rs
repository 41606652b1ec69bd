//! How one drain went.

use {crate::terminal::time::rfc3339, ebb_sdk::fleet::Drain, serde::Serialize};

/// How one drain went, as JSON writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Whether no session is left.
    pub drained: bool,
    /// Seconds from its start until it was drained, or last read.
    pub took_seconds: u64,
    /// Sessions when it started.
    pub sessions_at_start: u32,
    /// Closed before the deadline: users who left.
    pub left: u32,
    /// Evicted by this command.
    pub evicted: u32,
    /// Closed after the deadline by the agent or another party.
    pub closed_late: u32,
    /// Open when it was last seen.
    pub open: u32,
    /// When that was.
    last_seen_at: Option<String>,
}

impl Summary {
    /// Of a drain as it was last seen.
    pub fn of(drain: &Drain) -> Self {
        let (device, tally) = (drain.progress.last(), drain.progress.tally());
        Self {
            drained: device.is_drained(),
            took_seconds: drain.seen_at.abs_diff(device.drain.started_at),
            sessions_at_start: device.drain.sessions_at_start,
            left: tally.left,
            evicted: tally.evicted,
            closed_late: tally.closed_late,
            open: device.sessions,
            last_seen_at: rfc3339(drain.seen_at),
        }
    }
}
