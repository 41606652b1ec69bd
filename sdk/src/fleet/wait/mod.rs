//! Waiting for what time, users and other parties do. The accounts decide, nothing else.
//!
//! A wait reads through the client, whose ledger believes nothing that is older than what it has seen: whichever node
//! answers, no wait goes back in time.

mod outage;
mod waker;

pub use {outage::OutageTolerance, waker::Waker};

use {
    super::{FleetError, Recorder, RunEvent},
    crate::ledger::Ledger,
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::time::Duration,
};

/// When to read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// At once: what was just sent may be done already.
    AtOnce,
    /// When an account changes, or the interval is over.
    Later,
}

/// What is waited for.
#[async_trait]
pub(super) trait Watch: Send {
    /// Reads what is open, and takes every step that is open by now. The next poll comes after `interval` at the latest.
    /// Once it has read, it renews the `tolerance`, as sending may take long and fail then.
    ///
    /// # Errors
    /// An outage is tolerated for a while; any other error ends the wait.
    async fn poll(
        &mut self,
        interval: Duration,
        tolerance: &mut OutageTolerance,
    ) -> Result<Repeat, FleetError>;

    /// Whether there is nothing more to wait for.
    fn is_over(&self) -> bool;

    /// The accounts whose changes are waited for.
    fn addresses(&self) -> Vec<Pubkey>;

    /// How long until something happens that no account reports, as a deadline that passes.
    fn due(&self) -> Option<Duration>;
}

/// Waits until it is over.
pub(super) async fn wait(
    ledger: &dyn Ledger,
    recorder: &Recorder,
    watch: &mut dyn Watch,
) -> Result<(), FleetError> {
    let mut tolerance = OutageTolerance::default();
    let mut waker = Waker::new(ledger, watch.addresses());
    loop {
        let repeat = match watch.poll(waker.interval(), &mut tolerance).await {
            Ok(repeat) => {
                tolerance.renew();
                repeat
            }
            Err(error) => {
                let error = tolerance.tolerate(error)?;
                recorder.emit(RunEvent::OutOfReach { error });
                Repeat::Later
            }
        };
        if watch.is_over() {
            return Ok(());
        }
        waker.set_addresses(watch.addresses());
        match repeat {
            Repeat::Later => waker.next(watch.due()).await,
            // A ledger that answers at once leaves no other moment to stop the run.
            Repeat::AtOnce => tokio::task::yield_now().await,
        }
    }
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use {
        super::*,
        crate::{
            embedded::{EmbeddedLedger, EmbeddedOptions},
            fleet::Reports,
            ledger::LedgerError,
        },
        tokio::{sync::mpsc::unbounded_channel, time::sleep},
    };

    /// Polls that take longer than an outage may. Each reads if it is to, and then fails or is done.
    struct LongPolls {
        left: u32,
        reads: bool,
    }

    #[async_trait]
    impl Watch for LongPolls {
        async fn poll(
            &mut self,
            _: Duration,
            tolerance: &mut OutageTolerance,
        ) -> Result<Repeat, FleetError> {
            sleep(Duration::from_secs(90)).await;
            if self.reads {
                tolerance.renew();
            }
            self.left = self.left.saturating_sub(1);
            if self.is_over() {
                return Ok(Repeat::Later);
            }
            Err(FleetError::from(LedgerError::Unreachable {
                url: "http://localhost:8899".into(),
                reason: "connection refused".into(),
            }))
        }

        fn is_over(&self) -> bool {
            self.left == 0
        }

        fn addresses(&self) -> Vec<Pubkey> {
            vec![]
        }

        fn due(&self) -> Option<Duration> {
            None
        }
    }

    async fn wait_for(mut polls: LongPolls) -> Result<(), FleetError> {
        let dir = tempfile::tempdir().unwrap();
        let ledger =
            EmbeddedLedger::open(dir.path().join("ledger"), EmbeddedOptions::default()).unwrap();
        let recorder = Recorder::new(Reports::default(), unbounded_channel().0);
        wait(&ledger, &recorder, &mut polls).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_poll_that_fails_once_does_not_end_the_wait() {
        let polls = |left, reads| LongPolls { left, reads };
        wait_for(polls(2, false)).await.unwrap();
        // Nobody answered between two failures.
        assert!(wait_for(polls(3, false)).await.unwrap_err().is_outage());
        wait_for(polls(4, true)).await.unwrap();
    }
}
