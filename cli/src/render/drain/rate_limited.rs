//! Messages that repeat: shown when what they say changes, and every few seconds while it does not.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

/// How long a message that has not changed is not repeated.
pub const REPEAT_AFTER: Duration = Duration::from_secs(10);

/// A message that is shown again only after a while, or if its state has changed.
#[derive(Default)]
pub struct RateLimited {
    last: Option<(Instant, u64)>,
}

impl RateLimited {
    /// Whether the message of this state is due now. Then it counts as shown.
    pub fn is_due(&mut self, state: impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        state.hash(&mut hasher);
        let state = hasher.finish();
        if self
            .last
            .is_some_and(|(shown, same)| same == state && shown.elapsed() < REPEAT_AFTER)
        {
            return false;
        }
        self.last = Some((Instant::now(), state));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_repeats_when_it_changes_or_after_a_silence() {
        let mut message = RateLimited::default();
        assert!(message.is_due(1));
        assert!(!message.is_due(1));
        assert!(message.is_due(2));
        message.last = message
            .last
            .map(|(shown, state)| (shown - REPEAT_AFTER, state));
        assert!(message.is_due(2));
    }
}
