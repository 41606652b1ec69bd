//! What `ebb` takes on a validator: to start, to import and drain a fleet, and to list one; with `load`, how
//! long a server's clients wait.
//!
//! Run by `scripts/benchmarks` and `scripts/load`. Each line it writes is one figure; BENCHMARKS.md explains them.

mod drains;
mod fleet;
mod lists;
mod load;
mod process;

use {
    crate::{
        fleet::{Fleet, CONTRIBUTOR, OTHERS},
        process::Measured,
    },
    std::{env, fs},
};

/// How many devices one contributor has, which are drained by themselves, and how many there are, unless it is said.
const OWN: usize = 1_000;
const ALL: usize = 10_000;
/// The exit code of a command that cannot reach the cluster.
const UNREACHABLE: i32 = 6;
/// How often what is quick is repeated.
pub const REPEATS: usize = 11;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (is_load, sizes) = match arguments.split_first() {
        Some((mode, sizes)) if mode == "load" => (true, sizes),
        _ => (false, arguments.as_slice()),
    };
    let mut sizes = sizes.iter().map(|size| size.parse());
    let mut size = |default| {
        let given = sizes.next().transpose().expect("a number of devices");
        given.unwrap_or(default)
    };
    let (own, all) = (size(OWN), size(ALL));
    assert!(own < all, "the others have some too");

    let mut fleet = Fleet::found(own, all - own).await;
    averages();
    if !is_load {
        start(&fleet);
    }
    drains::import(&fleet);
    fleet.activate().await;
    match is_load {
        true => load::measure(&fleet).await,
        false => drains_and_lists(&mut fleet).await,
    }
    averages();
}

/// Measures what drains take, and lists.
async fn drains_and_lists(fleet: &mut Fleet) {
    drains::drain(fleet, CONTRIBUTOR).await;
    fleet.undrain(CONTRIBUTOR).await;
    drains::drain_through_a_restart(fleet).await;
    drains::drain(fleet, OTHERS).await;
    lists::list(fleet, Some(CONTRIBUTOR)).await;
    lists::list(fleet, None).await;
}

/// What else the machine does: its load averages, where they can be read.
fn averages() {
    if let Ok(load) = fs::read_to_string("/proc/loadavg") {
        figure("load average", load.trim());
    }
}

/// How long `ebb` takes to start.
fn start(fleet: &Fleet) {
    let runs: Vec<Measured> = (0..REPEATS)
        .map(|_| process::measure(&fleet.ebb, &["--version"]))
        .collect();
    figure("ebb --version", &process::spread(&runs, |run| run.wall));

    let alone = fleet.ebb_alone();
    let refused = || process::start(&alone, &["device", "list"]).end();
    let runs: Vec<Measured> = (0..REPEATS).map(|_| refused()).collect();
    assert!(runs.iter().all(|run| run.code == Some(UNREACHABLE)));
    figure(
        "ebb device list, refused by the network",
        &process::spread(&runs, |run| run.wall),
    );
}

/// Writes a figure.
pub fn figure(what: &str, value: &str) {
    println!("{what}: {value}");
}
