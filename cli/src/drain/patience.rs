//! A cluster that is out of reach while something is waited for.

use {
    super::pulse::Pulse,
    crate::error::{CliError, Kind},
    ebb_sdk::ledger::LedgerError,
    std::{
        cell::Cell,
        time::{Duration, Instant},
    },
};

/// How long the cluster may be out of reach before a wait gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bears it for a while that nobody answers.
pub struct Patience {
    answered: Instant,
    outage: Pulse,
}

impl Patience {
    /// The cluster has just answered.
    pub fn new() -> Self {
        Self {
            answered: Instant::now(),
            outage: Pulse::new(1),
        }
    }

    /// The cluster answered.
    pub fn renew(&mut self) {
        self.answered = Instant::now();
    }

    /// Lets `say` say that the cluster is out of reach, unless it was said a moment ago.
    ///
    /// # Errors
    /// It has been so for too long, or the error is another one.
    pub fn bear(&mut self, error: CliError, say: impl FnOnce(&CliError)) -> Result<(), CliError> {
        if error.kind() != Kind::Unreachable || self.answered.elapsed() >= PATIENCE {
            return Err(error);
        }
        self.outage.say(0, 0, || say(&error));
        Ok(())
    }
}

/// The latest slot that was seen. A node that is behind it, as one that has just started, knows less than was seen.
#[derive(Default)]
pub struct SeenSlot(Cell<u64>);

impl SeenSlot {
    /// Takes note of the slot at which a node answers.
    ///
    /// # Errors
    /// It is behind, which is as if nobody had answered.
    pub fn note(&self, slot: u64) -> Result<(), LedgerError> {
        let seen = self.0.get();
        if slot < seen {
            return Err(LedgerError::Unreachable {
                url: "the cluster as it was".into(),
                reason: format!("the node that answers is at slot {slot}, behind {seen}"),
            });
        }
        self.0.set(slot);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> CliError {
        CliError::from(LedgerError::Unreachable {
            url: "http://localhost:8899".into(),
            reason: "connection refused".into(),
        })
    }

    #[test]
    fn a_short_outage_is_borne_and_told_once() {
        let mut patience = Patience::new();
        let mut said = 0;
        for _ in 0..3 {
            assert_eq!(patience.bear(unreachable(), |_| said += 1), Ok(()));
        }
        assert_eq!(said, 1);
    }

    #[test]
    fn a_long_outage_and_any_other_error_are_not_borne() {
        let mut patience = Patience::new();
        let other = CliError::other("another");
        assert_eq!(patience.bear(other.clone(), |_| ()), Err(other));
        patience.answered -= PATIENCE;
        let long = patience.bear(unreachable(), |_| ());
        assert_eq!(long, Err(unreachable()));
        patience.renew();
        assert_eq!(patience.bear(unreachable(), |_| ()), Ok(()));
    }

    #[test]
    fn a_node_that_is_behind_does_not_answer() {
        let seen = SeenSlot::default();
        assert!(seen.note(7).is_ok() && seen.note(7).is_ok());
        let behind = CliError::from(seen.note(6).unwrap_err());
        assert_eq!(behind.kind(), Kind::Unreachable);
        assert!(seen.note(8).is_ok());
    }
}
