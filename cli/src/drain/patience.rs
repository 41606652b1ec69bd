//! A cluster that is out of reach while something is waited for.

use {
    super::pulse::Pulse,
    crate::error::{CliError, Kind},
    std::time::{Duration, Instant},
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

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::ledger::LedgerError};

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
}
