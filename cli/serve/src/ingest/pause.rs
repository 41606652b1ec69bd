//! How long to wait after a failure.

use {std::time::Duration, tokio::time::sleep};

/// The first pause after a success; each further failure doubles it.
const SHORTEST: Duration = Duration::from_millis(250);
/// The longest one.
const LONGEST: Duration = Duration::from_secs(5);

/// The pause after the next failure.
pub struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Pause {
    /// Waits, as something has failed.
    pub async fn after_failure(&mut self) {
        sleep(self.0).await;
        self.0 = LONGEST.min(self.0.saturating_mul(2));
    }

    /// Begins anew, as something has succeeded.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use {super::*, tokio::time::Instant};

    #[tokio::test(start_paused = true)]
    async fn failures_are_waited_for_ever_longer_until_a_success() {
        let (mut pause, mut waited) = (Pause::default(), vec![]);
        for _ in 0..7 {
            let began = Instant::now();
            pause.after_failure().await;
            waited.push(began.elapsed().as_millis());
        }
        assert_eq!(waited, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
        pause.succeeded();
        let began = Instant::now();
        pause.after_failure().await;
        assert_eq!(began.elapsed(), SHORTEST);
    }
}
