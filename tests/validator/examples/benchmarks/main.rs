//! What `ebb` takes on a validator: to start, to import and drain a fleet, and to list one.
//!
//! Run by `scripts/benchmarks`. Each line it writes is one figure; BENCHMARKS.md tells of them.

mod drains;
mod fleet;
mod lists;
mod process;

use {
    crate::{fleet::Fleet, process::Measured},
    std::env,
};

/// How many devices are imported and drained, and how many are listed, unless it is said.
const DRAINED: usize = 1_000;
const LISTED: usize = 10_000;
/// How often what is quick is repeated.
pub const REPEATS: usize = 11;

#[tokio::main]
async fn main() {
    let mut sizes = env::args().skip(1).map(|size| size.parse());
    let mut size = |default| {
        let given = sizes.next().transpose().expect("a number of devices");
        given.unwrap_or(default)
    };
    let (drained, listed) = (size(DRAINED), size(LISTED));
    assert!(drained <= listed, "all that is drained is listed");

    let mut fleet = Fleet::found(drained, listed - drained).await;
    start(&fleet);
    drains::import(&fleet);
    fleet.activate().await;
    drains::drain(&fleet).await;
    fleet.undrain().await;
    drains::drain_through_a_restart(&mut fleet).await;
    lists::list(&fleet).await;
}

/// How long `ebb` takes to start.
fn start(fleet: &Fleet) {
    let runs: Vec<Measured> = (0..REPEATS)
        .map(|_| process::measure(&fleet.ebb, &["--version"]))
        .collect();
    figure("ebb --version", &process::spread(&runs, |run| run.wall));
}

/// Writes a figure.
pub fn figure(what: &str, value: &str) {
    println!("{what}: {value}");
}
