//! When something is due.

use {std::time::Duration, tokio::time::Instant};

/// When the next check is due: at once, and then each interval.
#[derive(Debug)]
pub struct Clock {
    interval: Duration,
    last: Option<Instant>,
}

impl Clock {
    /// A clock that nobody reset.
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            last: None,
        }
    }

    /// Whether the interval is over since the last reset.
    pub fn is_due(&self) -> bool {
        self.last.is_none_or(|last| last.elapsed() >= self.interval)
    }

    /// Begins the interval anew.
    pub fn reset(&mut self) {
        self.last = Some(Instant::now());
    }
}
