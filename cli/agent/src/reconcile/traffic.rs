//! Whether a device forwards packets.

use std::time::Duration;

/// For how long a device that has forwarded packets must forward none until they are taken to have moved.
pub const QUIET: Duration = Duration::from_secs(5);

/// What the counter of forwarded packets has shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    last: Option<(Duration, u64)>,
    quiet_since: Option<Duration>,
    /// Packets a second between the last two readings.
    pub rate: Option<f64>,
    flowed_at: Option<Duration>,
}

impl Traffic {
    /// A reading of the counter. One that is missing, or that is smaller than the one before as the device has started anew,
    /// begins all over.
    pub fn observe(&mut self, forwarded: Option<u64>, idle_rate: u32, now: Duration) {
        let before = self.last.take();
        self.last = forwarded.map(|count| (now, count));
        let (Some(count), Some((then, before))) = (forwarded, before) else {
            (self.quiet_since, self.rate) = (None, None);
            return;
        };
        let elapsed = now.saturating_sub(then).as_secs_f64();
        let Some(packets) = count.checked_sub(before).filter(|_| elapsed > 0.0) else {
            (self.quiet_since, self.rate) = (None, None);
            return;
        };
        let rate = packets as f64 / elapsed;
        self.rate = Some(rate);
        if rate <= f64::from(idle_rate) {
            // A counter that started anew may show the number of before once, and not twice.
            self.quiet_since.get_or_insert(now);
        } else {
            self.flowed_at = Some(now);
            self.quiet_since = None;
        }
    }

    /// For how long nothing has been forwarded.
    pub fn quiet_for(&self, now: Duration) -> Option<Duration> {
        self.quiet_since.map(|since| now.saturating_sub(since))
    }

    /// Whether packets were forwarded at `since` or later.
    pub fn has_flowed_since(&self, since: Duration) -> bool {
        self.flowed_at.is_some_and(|at| at >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn after(readings: &[(u64, Option<u64>)], idle_rate: u32) -> Traffic {
        let mut traffic = Traffic::default();
        for (at, count) in readings {
            traffic.observe(*count, idle_rate, seconds(*at));
        }
        traffic
    }

    #[test]
    fn a_flat_counter_is_quiet_since_the_first_reading_that_shows_it() {
        let traffic = after(
            &[(0, Some(0)), (1, Some(90)), (2, Some(90)), (4, Some(90))],
            0,
        );
        assert_eq!(traffic.quiet_for(seconds(4)), Some(seconds(2)));
        assert!(traffic.has_flowed_since(seconds(1)));
        assert!(!traffic.has_flowed_since(seconds(2)));
        assert_eq!(traffic.rate, Some(0.0));
    }

    #[test]
    fn one_packet_ends_the_quiet_unless_it_counts_as_none() {
        let readings = [(0, Some(5)), (1, Some(5)), (2, Some(6))];
        let traffic = after(&readings, 0);
        assert_eq!(traffic.quiet_for(seconds(2)), None);
        assert!(traffic.has_flowed_since(seconds(2)));
        let traffic = after(&readings, 1);
        assert_eq!(traffic.quiet_for(seconds(2)), Some(seconds(1)));
        assert!(!traffic.has_flowed_since(seconds(0)));
    }

    #[test]
    fn an_unknown_counter_and_one_that_starts_anew_prove_nothing() {
        for gap in [None, Some(1)] {
            let traffic = after(&[(0, Some(5)), (1, Some(5)), (2, gap)], 0);
            assert_eq!(traffic.quiet_for(seconds(2)), None);
            assert_eq!(traffic.rate, None);
        }
    }
}
