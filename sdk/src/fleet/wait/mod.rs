//! Waiting for what time, users and other parties do. The accounts decide, nothing else.
//!
//! A wait reads through the client, whose ledger believes nothing that is older than what it has seen: whichever node
//! answers, no wait goes back in time.

mod outage;
mod waker;

pub use {outage::OutageTolerance, waker::Waker};

use {
    super::{Event, FleetError, Recorder},
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
    /// Reads what is open, and takes every step that is open by now. The next look comes after `interval` at the latest.
    ///
    /// # Errors
    /// An outage is tolerated for a while; any other error ends the wait.
    async fn look(&mut self, interval: Duration) -> Result<Repeat, FleetError>;

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
    let mut tolerance = OutageTolerance::new();
    let mut waker = Waker::new(ledger, watch.addresses());
    loop {
        let repeat = match watch.look(waker.interval()).await {
            Ok(repeat) => {
                tolerance.renew();
                repeat
            }
            Err(error) => {
                let error = tolerance.tolerate(error)?;
                recorder.emit(Event::OutOfReach { error });
                Repeat::Later
            }
        };
        if watch.is_over() {
            return Ok(());
        }
        waker.turn_to(watch.addresses());
        match repeat {
            Repeat::Later => waker.next(watch.due()).await,
            // A ledger that answers at once leaves no other moment to stop the run.
            Repeat::AtOnce => tokio::task::yield_now().await,
        }
    }
}
