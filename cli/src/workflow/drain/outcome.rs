//! What is reported of each device of a run.

use {
    crate::{
        error::CliError,
        render::{
            drain::{
                outcome::{accepted, already, unread_item, waited_item, Outcome, RunOutcome},
                summary::Summary,
            },
            Item,
        },
        workflow::device::targets::Targets,
    },
    ebb_sdk::fleet::{RowReport, TransactionState},
};

/// What is reported of a device, of which the wait is part if it was `waited` for.
pub async fn outcome(
    targets: &Targets<'_>,
    (row, report): (usize, &RowReport),
    ended: &RunOutcome,
    waited: bool,
) -> Outcome {
    let item = step_item(targets, row, report, ended).await;
    let item = match (&report.drain, &report.unread) {
        _ if !waited => item,
        (Some(drain), _) => waited_item(item, &report.code, drain, ended),
        (None, Some(unread)) => unread_item(item, &report.code, unread),
        (None, None) => item,
    };
    Outcome {
        item,
        drain: report.drain.as_ref().map(Summary::of),
    }
}

/// What is reported of a device's own transaction.
async fn step_item(
    targets: &Targets<'_>,
    row: usize,
    report: &RowReport,
    ended: &RunOutcome,
) -> Item {
    if let TransactionState::Signed(message) = &report.transaction {
        return targets.signed_only(row, report, message);
    }
    if let Some(failure) = &report.failure {
        let error = targets.explain(row, report.last.as_deref(), failure).await;
        return targets.failed(row, report, error);
    }
    if let Some(moved) = &report.moved {
        return accepted(report, moved);
    }
    match (&report.last, ended) {
        (Some(last), _) if report.unchanged => already(last),
        (_, RunOutcome::Interrupted(signal)) => {
            targets.cut_short(row, report, CliError::interrupted(*signal))
        }
        (_, RunOutcome::TimedOut) => {
            let error = CliError::timed_out("the time to wait ran out");
            targets.cut_short(row, report, error)
        }
        (_, RunOutcome::Failed(error)) => targets.cut_short(row, report, error.clone()),
        (_, RunOutcome::Done) => targets.failed(row, report, CliError::other("it was not sent")),
    }
}
