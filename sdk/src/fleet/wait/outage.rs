//! A cluster that is out of reach while something is waited for.

use {
    crate::fleet::FleetError,
    std::time::{Duration, Instant},
};

/// How long the cluster may be out of reach before a wait gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// Tolerates for a while that nobody answers.
pub struct OutageTolerance {
    answered: Instant,
}

impl Default for OutageTolerance {
    fn default() -> Self {
        Self::new()
    }
}

impl OutageTolerance {
    /// The cluster has just answered.
    pub fn new() -> Self {
        Self {
            answered: Instant::now(),
        }
    }

    /// The cluster answered.
    pub fn renew(&mut self) {
        self.answered = Instant::now();
    }

    /// Returns an outage that is tolerated.
    ///
    /// # Errors
    /// It has lasted for too long, or the error is another one.
    pub fn tolerate(&self, error: FleetError) -> Result<FleetError, FleetError> {
        if error.is_outage() && self.answered.elapsed() < LIMIT {
            Ok(error)
        } else {
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::ledger::LedgerError};

    fn unreachable() -> FleetError {
        FleetError::from(LedgerError::Unreachable {
            url: "http://localhost:8899".into(),
            reason: "connection refused".into(),
        })
    }

    #[test]
    fn a_short_outage_is_tolerated() {
        let tolerance = OutageTolerance::new();
        assert!(tolerance.tolerate(unreachable()).is_ok());
    }

    #[test]
    fn a_long_outage_and_any_other_error_are_not() {
        let mut tolerance = OutageTolerance::new();
        let other = FleetError::from(LedgerError::Other("another".into()));
        assert_eq!(
            tolerance.tolerate(other).unwrap_err().to_string(),
            "another"
        );
        tolerance.answered -= LIMIT;
        assert!(tolerance.tolerate(unreachable()).is_err());
        tolerance.renew();
        assert!(tolerance.tolerate(unreachable()).is_ok());
    }
}
