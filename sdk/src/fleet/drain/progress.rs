//! How a drain changes from one poll to the next. Nothing here reads a clock or a ledger: a drain is done when the session
//! count on chain says so.

use {
    crate::{
        lifecycle::evictable_from,
        state::{DeviceHead, Health, ProvisioningStatus},
    },
    serde::{Serialize, Serializer},
    std::sync::Arc,
};

/// What one poll found new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum DrainChange {
    /// Sessions were closed.
    Closed {
        /// How many since the last poll.
        closed: u32,
        /// How many are open still.
        open: u32,
    },
    /// Another health was reported.
    Health {
        /// Which.
        #[serde(serialize_with = "health_name")]
        health: Health,
    },
    /// Somebody changed the deadline.
    Deadline {
        /// In Unix seconds; 0 for none.
        deadline: i64,
    },
    /// The deadline passed with sessions open.
    DeadlinePassed {
        /// How many.
        open: u32,
    },
    /// There is nothing more to wait for.
    Ended {
        /// How it ended.
        end: DrainEnd,
    },
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrainEnd {
    /// Draining, and no session left.
    Drained,
    /// Somebody brought the device back.
    Undrained,
    /// Somebody brought it back and drained it again.
    Restarted,
    /// Somebody took it out of service for good, which no session survived.
    Retired,
    /// Somebody removed it.
    Removed,
}

/// Who closed the sessions of a drain, as far as it can be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Closed before the deadline, when only the device's agent may: users who left.
    pub left: u32,
    /// Evicted by this run.
    pub evicted: u32,
    /// Closed after the deadline by the agent or another party.
    pub closed_late: u32,
}

/// One drain as it was last seen.
#[derive(Clone, Debug)]
pub struct DrainProgress {
    /// Shared, as a run of thousands holds and copies a report for each device, and a head is ten times the rest of it.
    last: Arc<DeviceHead>,
    tally: Tally,
    evicted_unseen: u32,
    in_flight: u32,
    deadline_reported: bool,
    end: Option<DrainEnd>,
}

impl DrainProgress {
    /// Starts watching a draining device as it is at `now` (Unix seconds).
    pub fn new(device: &DeviceHead, now: i64) -> Self {
        let closed = device
            .drain
            .sessions_at_start
            .saturating_sub(device.sessions);
        let mut tally = Tally::default();
        if is_late(device, now) {
            tally.closed_late = closed;
        } else {
            tally.left = closed;
        }
        Self {
            last: Arc::new(*device),
            tally,
            evicted_unseen: 0,
            in_flight: 0,
            deadline_reported: false,
            end: None,
        }
    }

    /// The device as it was last seen.
    pub fn last(&self) -> &DeviceHead {
        &self.last
    }

    /// Who closed what.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// How it ended, if it did.
    pub fn end(&self) -> Option<DrainEnd> {
        self.end
    }

    /// The eviction of so many sessions is being sent; of none once its outcome is known.
    pub fn evicting(&mut self, sessions: u32) {
        self.in_flight = sessions;
    }

    /// How many sessions an eviction is sent for whose outcome is not known.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// This run evicted so many sessions, which the next poll will find closed.
    pub fn evicted(&mut self, sessions: u32) {
        self.evicted_unseen = self.evicted_unseen.saturating_add(sessions);
    }

    /// Takes in what is there at `now` (Unix seconds).
    pub fn observe(&mut self, found: Option<&DeviceHead>, now: i64) -> Vec<DrainChange> {
        let mut changes = vec![];
        let found = found.filter(|device| device.is_same_registration(&self.last));
        let Some(device) = found.copied() else {
            self.leave(0, now);
            self.finish(DrainEnd::Removed, &mut changes);
            return changes;
        };
        if let Some(end) = self.left_drain(&device) {
            self.leave(device.sessions, now);
            self.last = Arc::new(device);
            self.finish(end, &mut changes);
            return changes;
        }
        let closed = self.last.sessions.saturating_sub(device.sessions);
        if closed > 0 {
            self.count(closed, is_late(&device, now));
            changes.push(DrainChange::Closed {
                closed,
                open: device.sessions,
            });
        }
        if device.health != self.last.health {
            changes.push(DrainChange::Health {
                health: device.health,
            });
        }
        if device.drain.deadline != self.last.drain.deadline {
            self.deadline_reported = false;
            changes.push(DrainChange::Deadline {
                deadline: device.drain.deadline,
            });
        }
        self.last = Arc::new(device);
        if device.is_drained() {
            self.finish(DrainEnd::Drained, &mut changes);
        } else if device.is_deadline_passed(now) && !self.deadline_reported {
            self.deadline_reported = true;
            changes.push(DrainChange::DeadlinePassed {
                open: device.sessions,
            });
        }
        changes
    }

    /// How the drain that was watched ended, if the device is no longer in it.
    fn left_drain(&self, device: &DeviceHead) -> Option<DrainEnd> {
        match device.provisioning_status {
            ProvisioningStatus::Draining => {
                let same = device.status_changed_sequence == self.last.status_changed_sequence;
                (!same).then_some(DrainEnd::Restarted)
            }
            ProvisioningStatus::Pending | ProvisioningStatus::Activated => {
                Some(DrainEnd::Undrained)
            }
            ProvisioningStatus::Retiring | ProvisioningStatus::Retired => Some(DrainEnd::Retired),
        }
    }

    /// Counts what was closed until the device left the drain with so many sessions open. Users may have come since, so what
    /// this run evicted counts in any case.
    fn leave(&mut self, open: u32, now: i64) {
        let closed = self.last.sessions.saturating_sub(open);
        self.count(closed.max(self.evicted_unseen), is_late(&self.last, now));
    }

    fn count(&mut self, closed: u32, late: bool) {
        let evicted = closed.min(self.evicted_unseen);
        self.evicted_unseen = self.evicted_unseen.saturating_sub(evicted);
        self.tally.evicted = self.tally.evicted.saturating_add(evicted);
        let others = closed.saturating_sub(evicted);
        let count = if late {
            &mut self.tally.closed_late
        } else {
            &mut self.tally.left
        };
        *count = count.saturating_add(others);
    }

    fn finish(&mut self, end: DrainEnd, changes: &mut Vec<DrainChange>) {
        self.end = Some(end);
        changes.push(DrainChange::Ended { end });
    }
}

/// Whether others than the agent may close sessions.
fn is_late(device: &DeviceHead, now: i64) -> bool {
    evictable_from(device).is_some_and(|from| from <= now)
}

fn health_name<S: Serializer>(health: &Health, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(health.as_str())
}

#[cfg(test)]
mod tests {
    use {super::*, crate::state::DrainRecord, solana_program::pubkey::Pubkey};

    fn draining(sessions: u32) -> DeviceHead {
        let key = Pubkey::new_from_array([1; 32]);
        let mut device = DeviceHead::new(key, key, key, 3, 255);
        device.provisioning_status = ProvisioningStatus::Draining;
        device.sessions = sessions;
        device.status_changed_sequence = 5;
        device.drain = DrainRecord {
            sessions_at_start: 10,
            started_at: 100,
            deadline: 1_000,
            ..DrainRecord::default()
        };
        device
    }

    #[test]
    fn nothing_new_is_no_change() {
        let mut progress = DrainProgress::new(&draining(10), 100);
        assert_eq!(progress.observe(Some(&draining(10)), 200), []);
        assert_eq!(progress.end(), None);
    }

    #[test]
    fn sessions_leave_until_drained() {
        let mut progress = DrainProgress::new(&draining(10), 100);
        assert_eq!(
            progress.observe(Some(&draining(4)), 200),
            [DrainChange::Closed { closed: 6, open: 4 }]
        );
        assert_eq!(
            progress.observe(Some(&draining(0)), 300),
            [
                DrainChange::Closed { closed: 4, open: 0 },
                DrainChange::Ended {
                    end: DrainEnd::Drained
                }
            ]
        );
        assert_eq!(
            progress.tally(),
            Tally {
                left: 10,
                ..Tally::default()
            }
        );
    }

    #[test]
    fn attaching_to_a_drained_device_ends_at_once() {
        let mut progress = DrainProgress::new(&draining(0), 100);
        assert_eq!(
            progress.observe(Some(&draining(0)), 100),
            [DrainChange::Ended {
                end: DrainEnd::Drained
            }]
        );
        assert_eq!(progress.tally().left, 10);
    }

    #[test]
    fn the_deadline_is_reported_once_and_again_after_it_moved() {
        let mut progress = DrainProgress::new(&draining(3), 100);
        assert_eq!(
            progress.observe(Some(&draining(3)), 1_000),
            [DrainChange::DeadlinePassed { open: 3 }]
        );
        assert_eq!(progress.observe(Some(&draining(3)), 1_001), []);
        let mut later = draining(3);
        later.drain.deadline = 2_000;
        assert_eq!(
            progress.observe(Some(&later), 1_002),
            [DrainChange::Deadline { deadline: 2_000 }]
        );
        assert_eq!(
            progress.observe(Some(&later), 2_000),
            [DrainChange::DeadlinePassed { open: 3 }]
        );
    }

    #[test]
    fn after_the_deadline_only_what_this_run_closed_counts_as_evicted() {
        let mut progress = DrainProgress::new(&draining(6), 100);
        progress.evicted(2);
        progress.observe(Some(&draining(3)), 1_500);
        progress.observe(Some(&draining(0)), 1_501);
        assert_eq!(
            progress.tally(),
            Tally {
                left: 4,
                evicted: 2,
                closed_late: 4
            }
        );
    }

    #[test]
    fn what_was_closed_before_others_ended_it_is_counted() {
        let tally = |found: Option<&DeviceHead>, now| {
            let mut progress = DrainProgress::new(&draining(6), 100);
            progress.evicted(2);
            progress.observe(found, now);
            let Tally {
                left,
                evicted,
                closed_late,
            } = progress.tally();
            (left, evicted, closed_late)
        };
        let mut device = draining(0);
        device.provisioning_status = ProvisioningStatus::Retired;
        device.drain = DrainRecord::default();
        assert_eq!(tally(Some(&device), 1_500), (4, 2, 4));
        assert_eq!(tally(None, 1_500), (4, 2, 4));
        device.provisioning_status = ProvisioningStatus::Activated;
        device.sessions = 3;
        assert_eq!(tally(Some(&device), 1_500), (4, 2, 1));
        assert_eq!(tally(Some(&device), 500), (5, 2, 0));
        // New users came already.
        device.sessions = 9;
        assert_eq!(tally(Some(&device), 1_500), (4, 2, 0));
    }

    #[test]
    fn others_may_end_it() {
        let end = |found: Option<&DeviceHead>| {
            let mut progress = DrainProgress::new(&draining(3), 100);
            progress.observe(found, 200);
            progress.end()
        };
        let mut device = draining(3);
        device.provisioning_status = ProvisioningStatus::Activated;
        assert_eq!(end(Some(&device)), Some(DrainEnd::Undrained));
        device.provisioning_status = ProvisioningStatus::Retired;
        assert_eq!(end(Some(&device)), Some(DrainEnd::Retired));
        let mut device = draining(3);
        device.status_changed_sequence = 9;
        assert_eq!(end(Some(&device)), Some(DrainEnd::Restarted));
        device.generation = 4;
        assert_eq!(end(Some(&device)), Some(DrainEnd::Removed));
        assert_eq!(end(None), Some(DrainEnd::Removed));
    }
}
