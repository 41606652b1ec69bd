//! How drains went, in one table for people.

use {
    super::outcome::Outcome,
    crate::{
        error::CliError,
        terminal::{self, time::span, Columns, Terminal},
    },
};

/// The columns of the table.
const COLUMNS: &[&str] = &[
    "DEVICE",
    "RESULT",
    "TOOK",
    "SESSIONS",
    "LEFT",
    "EVICTED",
    "CLOSED LATE",
];

/// Writes the table.
pub fn print(outcomes: &[Outcome], terminal: Terminal) -> Result<(), CliError> {
    let mut columns = Columns::new(COLUMNS, terminal.colour);
    outcomes
        .iter()
        .for_each(|outcome| columns.push(row(outcome)));
    terminal::table(&columns, terminal)
}

fn row(outcome: &Outcome) -> Vec<String> {
    let code = outcome.item.code.clone().unwrap_or_default();
    let summary = outcome.drain.as_ref();
    let result = match (outcome.item.failure(), summary) {
        (Some(error), _) => format!("failed: {}", error.brief()),
        (None, Some(summary)) => {
            let unchanged = if outcome.item.changed {
                ""
            } else {
                ", as before"
            };
            if summary.drained {
                format!("drained{unchanged}")
            } else {
                format!("draining, {} left{unchanged}", summary.open)
            }
        }
        (None, None) => "done".to_owned(),
    };
    let Some(summary) = summary else {
        return [code, result]
            .into_iter()
            .chain((0..5).map(|_| "-".to_owned()))
            .collect();
    };
    let took = if summary.drained {
        span(summary.took_seconds)
    } else {
        "-".to_owned()
    };
    let numbers = [
        summary.sessions_at_start,
        summary.left,
        summary.evicted,
        summary.closed_late,
    ];
    [code, result, took]
        .into_iter()
        .chain(numbers.iter().map(ToString::to_string))
        .collect()
}
