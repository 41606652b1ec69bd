//! Draining several devices: what is asked for, the plan, the start, and the wait until they are drained.

mod options;
mod plan;
mod progress;
mod start;
mod watch;

pub use {
    options::{Amendment, DrainOptions, DEFAULT_DEADLINE},
    plan::{DrainAction, DrainPlan, PlannedDrain},
    progress::{DrainChange, DrainEnd, DrainProgress, Tally},
};
pub(super) use {
    plan::{blocked_by, drainer},
    start::start,
    watch::{drains, due, poll, watch},
};

use {
    super::{FleetError, Subject},
    crate::state::Health,
    solana_program::pubkey::Pubkey,
};

/// A drain that is waited for.
#[derive(Clone, Debug)]
pub struct Drain {
    /// What proves the role in which this run evicts, if it does.
    pub evicts_as: Option<Pubkey>,
    /// How it goes.
    pub progress: DrainProgress,
    /// When it was last read, in Unix seconds.
    pub seen_at: i64,
    /// Why evicting failed.
    pub failure: Option<FleetError>,
}

/// A drain that was accepted, of whose device nothing could be read since.
#[derive(Clone, Debug)]
pub struct UnreadDrain {
    /// What proves the role in which this run evicts, if it does.
    pub evicts_as: Option<Pubkey>,
    /// Why.
    pub error: FleetError,
}

impl Drain {
    /// The drain of a device as it was read.
    pub(super) fn new(subject: &Subject, evicts_as: Option<Pubkey>) -> Self {
        Self {
            evicts_as,
            progress: DrainProgress::new(subject.head(), subject.now),
            seen_at: subject.now,
            failure: None,
        }
    }

    /// Whether there is still something to wait for.
    pub fn is_open(&self) -> bool {
        self.progress.end().is_none() && self.failure.is_none()
    }

    /// Whether this run is to evict, and may not before somebody sets a deadline.
    pub fn never_evicts(&self) -> bool {
        let device = self.progress.last();
        self.evicts_as.is_some()
            && device.drain.deadline == 0
            && device.sessions > 0
            && device.health != Health::Dead
    }
}
