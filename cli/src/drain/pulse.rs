//! Lines that say what a wait waits for: when it changes, and every few seconds while it does not.

use std::time::{Duration, Instant};

/// How long nothing is said while nothing changes.
pub const SILENCE: Duration = Duration::from_secs(10);

/// When each of several waits last said something, and in which state.
pub struct Pulse {
    rows: Vec<Option<(Instant, u64)>>,
}

impl Pulse {
    /// Nothing was said yet.
    pub fn new(rows: usize) -> Self {
        Self {
            rows: vec![None; rows],
        }
    }

    /// Lets `say` say it, unless something was said a moment ago of the same state.
    pub fn say(&mut self, row: usize, state: u64, say: impl FnOnce()) {
        let Some(last) = self.rows.get_mut(row) else {
            return;
        };
        if last.is_some_and(|(said, same)| same == state && said.elapsed() < SILENCE) {
            return;
        }
        say();
        *last = Some((Instant::now(), state));
    }
}
