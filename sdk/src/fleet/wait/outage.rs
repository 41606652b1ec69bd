//! A cluster that is out of reach while something is waited for.

use {crate::fleet::FleetError, std::time::Duration, tokio::time::Instant};

/// How long the cluster may be out of reach before a wait gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// Tolerates for a while that nobody answers: from the first failure on, until somebody answers.
#[derive(Default)]
pub struct OutageTolerance {
    failing_since: Option<Instant>,
}

impl OutageTolerance {
    /// The cluster answered.
    pub fn renew(&mut self) {
        self.failing_since = None;
    }

    /// Returns an outage that is tolerated.
    ///
    /// # Errors
    /// It has lasted for too long, or the error is another one.
    pub fn tolerate(&mut self, error: FleetError) -> Result<FleetError, FleetError> {
        if !error.is_outage() {
            return Err(error);
        }
        let since = self.failing_since.get_or_insert_with(Instant::now);
        if since.elapsed() < LIMIT {
            Ok(error)
        } else {
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::ledger::LedgerError, tokio::time::advance};

    fn unreachable() -> FleetError {
        FleetError::from(LedgerError::Unreachable {
            url: "http://localhost:8899".into(),
            reason: "connection refused".into(),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_tolerated_for_a_minute_from_its_first_failure_on() {
        let mut tolerance = OutageTolerance::default();
        advance(2 * LIMIT).await;
        assert!(tolerance.tolerate(unreachable()).is_ok());
        advance(LIMIT - Duration::from_secs(1)).await;
        assert!(tolerance.tolerate(unreachable()).is_ok());
        advance(Duration::from_secs(1)).await;
        assert!(tolerance.tolerate(unreachable()).is_err());
        tolerance.renew();
        assert!(tolerance.tolerate(unreachable()).is_ok());
    }

    #[test]
    fn any_other_error_is_not_tolerated() {
        let other = FleetError::from(LedgerError::Other("another".into()));
        let error = OutageTolerance::default().tolerate(other).unwrap_err();
        assert_eq!(error.to_string(), "another");
    }
}
