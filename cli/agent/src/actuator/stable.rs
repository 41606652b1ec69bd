//! For how long something has been as it is.

use std::time::{Duration, Instant};

/// What was read last, and since when it has read so.
#[derive(Debug)]
pub struct Stable<T> {
    last: Option<(T, Instant)>,
}

impl<T: PartialEq> Stable<T> {
    /// Nothing was read yet.
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// For how long it has read as it does `now`.
    pub fn since(&mut self, value: T, now: Instant) -> Duration {
        match &self.last {
            Some((last, since)) if *last == value => now.saturating_duration_since(*since),
            _ => {
                self.last = Some((value, now));
                Duration::ZERO
            }
        }
    }

    /// Forgets what was read.
    pub fn forget(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_begins_anew() {
        let (mut stable, start, second) = (Stable::new(), Instant::now(), Duration::from_secs(1));
        assert_eq!(stable.since('a', start), Duration::ZERO);
        assert_eq!(stable.since('a', start + second * 2), second * 2);
        assert_eq!(stable.since('b', start + second * 3), Duration::ZERO);
        stable.forget();
        assert_eq!(stable.since('b', start + second * 4), Duration::ZERO);
        assert_eq!(stable.since('b', start + second * 5), second);
    }
}
