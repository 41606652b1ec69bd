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
    plan::blocked_by,
    start::start,
    watch::{drains, due, poll, watch},
};

use {super::FleetError, crate::state::Health, solana_program::pubkey::Pubkey};

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

impl Drain {
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
