//! A large fleet: what commands take on it, what a server takes that serves it, and what the embedded ledger does.

mod embedded;
mod serve;

pub use embedded::measure as embedded;

use {
    crate::{
        drains, figure,
        fleet::{Fleet, CONTRIBUTOR, OTHERS, PER_LOCATION},
        lists::{list, Question},
        process::{self, bytes_in, mebibytes, Measured},
    },
    ebb_validator_tests::Ebb,
};

/// How often what takes seconds is repeated.
const REPEATS: usize = 3;

/// Measures a fleet whose devices were imported and activated.
pub async fn measure(fleet: &Fleet) {
    node(fleet, "after import and activation");
    for contributor in [Some(CONTRIBUTOR), None] {
        let question = Question {
            contributor,
            status: None,
        };
        list(fleet, question, fleet.len(contributor), REPEATS).await;
    }
    command(&fleet.ebb, &["location", "list"]);
    // The second has none of the first contributor's.
    let location = &fleet.locations()[1];
    let drained = PER_LOCATION.min(fleet.len(Some(OTHERS)) - PER_LOCATION);
    drains::drain_location(fleet, location, drained);
    list(fleet, Question::draining(None), drained, REPEATS).await;
    serve::measure(fleet, drained).await;
    node(fleet, "at the end");
}

/// What the validator takes.
fn node(fleet: &Fleet, when: &str) {
    let process = fleet.validator.process();
    let folder = fleet.validator.ledger_folder();
    figure(
        &format!("validator {when}"),
        &format!(
            "{} MiB of memory, {} MiB at most; {:.0} MB of disk",
            mebibytes(process, "VmRSS"),
            mebibytes(process, "VmHWM"),
            bytes_in(&folder) as f64 / 1e6
        ),
    );
}

/// What a command takes that only shows.
fn command(ebb: &Ebb, arguments: &[&str]) {
    let runs: Vec<Measured> = (0..REPEATS)
        .map(|_| process::measure(ebb, arguments))
        .collect();
    shown(&format!("ebb {}", arguments.join(" ")), &runs);
}

fn shown(what: &str, runs: &[Measured]) {
    let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
    figure(
        what,
        &format!(
            "{}; peak {} MiB; writes {:.1} MB",
            process::spread(runs, |run| run.wall),
            peak / 1024,
            runs[0].stdout.len() as f64 / 1e6
        ),
    );
}
