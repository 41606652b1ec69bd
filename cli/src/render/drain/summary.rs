//! How drains went: one table for people, a few fields each for scripts.

use {
    super::outcome::Outcome,
    crate::{
        error::CliError,
        terminal::{
            self,
            time::{rfc3339, span},
            Columns, Terminal,
        },
    },
    ebb_sdk::fleet::Drain,
    serde::Serialize,
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

/// How one drain went, as JSON writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Whether no session is left.
    drained: bool,
    /// Seconds from its start until it was drained, or last looked at.
    took_seconds: u64,
    /// Sessions when it started.
    sessions_at_start: u32,
    /// Closed before the deadline: users who left.
    left: u32,
    /// Evicted by this command.
    evicted: u32,
    /// Closed after the deadline by the agent or another party.
    closed_late: u32,
    /// Open when it was last seen.
    open: u32,
    /// When that was.
    last_seen_at: Option<String>,
}

impl Summary {
    /// Of a drain as it was last seen.
    pub fn of(drain: &Drain) -> Self {
        let (device, tally) = (drain.progress.last(), drain.progress.tally());
        Self {
            drained: device.is_drained(),
            took_seconds: drain.seen_at.abs_diff(device.drain.started_at),
            sessions_at_start: device.drain.sessions_at_start,
            left: tally.left,
            evicted: tally.evicted,
            closed_late: tally.closed_late,
            open: device.sessions,
            last_seen_at: rfc3339(drain.seen_at),
        }
    }
}

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
    let summary = outcome.drain.as_ref().map(Summary::of);
    let result = match (outcome.item.failure(), &summary) {
        (Some(error), _) => format!("failed: {}", error.brief()),
        (None, Some(summary)) => {
            let unchanged = if outcome.item.changed {
                ""
            } else {
                ", as before"
            };
            match summary.drained {
                true => format!("drained{unchanged}"),
                false => format!("draining, {} left{unchanged}", summary.open),
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
    let took = match summary.drained {
        true => span(summary.took_seconds),
        false => "-".to_owned(),
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
