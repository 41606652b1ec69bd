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

    /// For how long it has read so.
    pub fn since(&mut self, now: T) -> Duration {
        match &self.last {
            Some((last, at)) if *last == now => at.elapsed(),
            _ => {
                self.last = Some((now, Instant::now()));
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
        let mut stable = Stable::new();
        assert_eq!(stable.since(1), Duration::ZERO);
        std::thread::sleep(Duration::from_millis(2));
        assert!(stable.since(1) >= Duration::from_millis(2));
        assert_eq!(stable.since(2), Duration::ZERO);
        stable.forget();
        assert_eq!(stable.since(2), Duration::ZERO);
    }
}
