//! Runs of many devices, until they end or a signal stops them.

use {
    crate::{signal::Signal, stop::stopped},
    ebb_sdk::fleet::{Event, FleetError, Reports, Run},
    futures_util::TryStreamExt,
};

/// Shows what happens in a run.
pub trait Progress {
    /// Shows one event; `reports` are at least as new.
    async fn show(&mut self, event: Event, reports: &Reports);
}

/// Reads a run's events to its end. A signal stops it at once; its reports say what was done until then.
///
/// # Errors
/// The run's.
pub async fn follow(
    run: &mut Run,
    progress: &mut impl Progress,
) -> Result<Option<Signal>, FleetError> {
    let reports = run.reports();
    let signal = loop {
        let event = tokio::select! {
            biased;
            signal = stopped() => break signal,
            event = run.try_next() => event?,
        };
        let Some(event) = event else {
            return Ok(None);
        };
        tokio::select! {
            biased;
            signal = stopped() => break signal,
            () = progress.show(event, &reports) => {}
        }
    };
    run.stop();
    Ok(Some(signal))
}
