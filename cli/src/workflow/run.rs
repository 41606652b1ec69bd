//! Runs of many devices, until they end or a signal stops them.

use {
    crate::{signal::Signal, stop::stopped},
    ebb_sdk::fleet::{FleetError, Reports, Run, RunEvent},
};

/// Shows what happens in a run.
pub trait EventDisplay {
    /// Shows one event; `reports` are at least as new.
    async fn show(&mut self, event: RunEvent, reports: &Reports);
}

/// Reads a run's events to its end. A signal stops it at once; its reports say what was done until then.
///
/// # Errors
/// The run's.
pub async fn follow(
    run: &mut Run,
    display: &mut impl EventDisplay,
) -> Result<Option<Signal>, FleetError> {
    let reports = run.reports();
    let signal = loop {
        let event = tokio::select! {
            biased;
            signal = stopped() => break signal,
            event = run.next_event() => event?,
        };
        let Some(event) = event else {
            return Ok(None);
        };
        tokio::select! {
            biased;
            signal = stopped() => break signal,
            () = display.show(event, &reports) => {}
        }
    };
    run.stop();
    Ok(Some(signal))
}
