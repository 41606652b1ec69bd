//! When the ledger is changed again.

use std::time::{Duration, Instant};

/// How long after a failure it is tried again; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How the last changes ended.
#[derive(Debug, Default)]
pub struct Attempts {
    ended_at: Option<Instant>,
    pause: Option<Duration>,
}

impl Attempts {
    /// Changes have ended now.
    pub fn ended(&mut self, succeeded: bool) {
        self.ended_at = Some(Instant::now());
        self.pause = match (succeeded, self.pause) {
            (true, _) => None,
            (false, None) => Some(FIRST_PAUSE),
            (false, Some(pause)) => Some(LONGEST_PAUSE.min(pause.saturating_mul(2))),
        };
    }

    /// Whether a reading that began at `read_at` may be acted on: it shows what came of the last changes, and these did not
    /// fail just before.
    pub fn may_send(&self, read_at: Instant) -> bool {
        let earliest = self.ended_at.map(|at| at + self.pause.unwrap_or_default());
        earliest.is_none_or(|earliest| read_at > earliest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_ever_later() {
        let mut attempts = Attempts::default();
        assert!(attempts.may_send(Instant::now()));
        let before = Instant::now();
        attempts.ended(true);
        assert!(!attempts.may_send(before));
        assert!(attempts.may_send(Instant::now() + Duration::from_millis(1)));
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            attempts.ended(false);
            let now = Instant::now();
            assert!(!attempts.may_send(now + Duration::from_millis(pause * 1_000 - 100)));
            assert!(attempts.may_send(now + Duration::from_secs(pause)));
        }
        attempts.ended(true);
        assert!(attempts.may_send(Instant::now() + Duration::from_millis(1)));
    }
}
