//! What a drain is asked to be, and what that changes in one that runs.

use crate::{
    error::EbbError,
    instruction::{DrainDevice, ShortString, UpdateDrain},
    state::DrainRecord,
};

/// How long users have by default, in seconds.
pub const DEFAULT_DEADLINE: u32 = 60 * 60;

/// The options of a drain. `None` is the default, and in an update what is there already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrainOptions {
    /// Why.
    pub reason: Option<String>,
    /// Seconds until sessions may be evicted; 0 for never. By default an hour.
    pub deadline_seconds: Option<u32>,
    /// Seconds until the device is planned to be back.
    pub until_seconds: Option<u32>,
    /// Pass live holds and the disruption budget, as the authority.
    pub force: bool,
    /// Release the holds that the signer may release, in the transaction that starts the drain.
    pub release_holds: bool,
    /// Change a drain that runs.
    pub update: bool,
    /// Evict what is left at the deadline.
    pub evict: bool,
}

impl DrainOptions {
    /// The same, with so many seconds until sessions may be evicted; 0 for never.
    pub fn with_deadline(self, seconds: u32) -> Self {
        Self {
            deadline_seconds: Some(seconds),
            ..self
        }
    }

    /// The same, with the sessions evicted that are left at the deadline.
    pub fn evicting(self) -> Self {
        Self {
            evict: true,
            ..self
        }
    }

    /// Seconds until sessions may be evicted; 0 for never.
    pub fn deadline(&self) -> u32 {
        self.deadline_seconds.unwrap_or(DEFAULT_DEADLINE)
    }

    /// Checks the values as the program would, before anything is read or sent.
    ///
    /// # Errors
    /// [`EbbError::NothingToChange`] for an update that names nothing, or that of the value.
    pub fn check(&self) -> Result<(), EbbError> {
        if self.update && self.update_args() == UpdateDrain::default() {
            return Err(EbbError::NothingToChange);
        }
        self.drain_args().check()
    }

    pub(super) fn drain_args(&self) -> DrainDevice {
        DrainDevice {
            deadline_seconds: self.deadline(),
            planned_return_seconds: self.until_seconds.unwrap_or_default(),
            force: self.force,
            reason: ShortString::from(self.reason.as_deref().unwrap_or_default()),
            ..DrainDevice::default()
        }
    }

    pub(super) fn update_args(&self) -> UpdateDrain {
        UpdateDrain {
            deadline_seconds: self.deadline_seconds,
            planned_return_seconds: self.until_seconds,
            reason: self.reason.as_deref().map(ShortString::from),
            ..UpdateDrain::default()
        }
    }

    /// What would change at `now` (Unix seconds) in the record of a drain that runs. A duration counts from now, so it
    /// always changes something.
    pub fn amendments(&self, drain: &DrainRecord, now: i64) -> Vec<Amendment> {
        let time = |seconds: Option<u32>, from: i64| {
            let to = match seconds? {
                0 => 0,
                seconds => now.saturating_add(seconds.into()),
            };
            (from != 0 || to != 0).then_some((from, to))
        };
        let was = drain.reason.as_str().unwrap_or_default();
        let reason = self.reason.as_deref().filter(|reason| *reason != was);
        [
            time(self.deadline_seconds, drain.deadline)
                .map(|(from, to)| Amendment::Deadline { from, to }),
            time(self.until_seconds, drain.planned_return)
                .map(|(from, to)| Amendment::PlannedReturn { from, to }),
            reason.map(|reason| Amendment::Reason {
                from: was.to_owned(),
                to: reason.to_owned(),
            }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A value in the record of a drain, as it is and as it would be. Times are in Unix seconds, 0 for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// When sessions may be evicted.
    Deadline {
        /// As it is.
        from: i64,
        /// As it would be.
        to: i64,
    },
    /// When the device is planned to be back.
    PlannedReturn {
        /// As it is.
        from: i64,
        /// As it would be.
        to: i64,
    },
    /// Why.
    Reason {
        /// As it is.
        from: String,
        /// As it would be.
        to: String,
    },
}

#[cfg(test)]
mod tests {
    use {super::*, crate::state::Reason};

    #[test]
    fn only_what_is_named_and_differs_changes() {
        let drain = DrainRecord {
            deadline: 1_060,
            reason: Reason::new("rack power").unwrap(),
            ..DrainRecord::default()
        };
        let same = DrainOptions {
            reason: Some("rack power".into()),
            until_seconds: Some(0),
            ..DrainOptions::default()
        };
        assert_eq!(same.amendments(&drain, 1_000), []);
        let other = DrainOptions {
            reason: Some(String::new()),
            deadline_seconds: Some(0),
            until_seconds: Some(3_600),
            ..DrainOptions::default()
        };
        assert_eq!(
            other.amendments(&drain, 1_000),
            [
                Amendment::Deadline { from: 1_060, to: 0 },
                Amendment::PlannedReturn { from: 0, to: 4_600 },
                Amendment::Reason {
                    from: "rack power".into(),
                    to: String::new()
                },
            ]
        );
    }
}
