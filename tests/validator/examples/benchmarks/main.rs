//! What `ebb` takes on a validator: to start, to import and drain a fleet, and to list one; with `load`, how
//! long a server's clients wait; with `scale`, what a large fleet takes.
//!
//! Run by `scripts/benchmarks`, `scripts/load` and `scripts/scale`. Each line it writes is one figure; BENCHMARKS.md explains them.

mod drains;
mod fleet;
mod lists;
mod load;
mod process;
mod scale;

use {
    crate::{
        fleet::{Fleet, CONTRIBUTOR, OTHERS},
        lists::Question,
        process::Measured,
    },
    std::{env, fs},
};

/// How many devices one contributor has, which are drained by themselves, and how many there are, unless it is said.
const OWN: usize = 1_000;
const ALL: usize = 10_000;
/// How many there are in all for `scale`.
const MANY: usize = 100_000;
/// The exit code of a command that cannot reach the cluster.
const UNREACHABLE: i32 = 6;
/// How often what is quick is repeated.
pub const REPEATS: usize = 11;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (mode, sizes) = match arguments.split_first() {
        Some((mode, sizes)) if mode == "load" => (Mode::Load, sizes),
        Some((mode, sizes)) if mode == "scale" => (Mode::Scale, sizes),
        _ => (Mode::Commands, arguments.as_slice()),
    };
    let mut sizes = sizes.iter().map(|size| size.parse());
    let mut size = |default| {
        let given = sizes.next().transpose().expect("a number of devices");
        given.unwrap_or(default)
    };
    let (own, all) = match mode {
        Mode::Scale => (size(OWN), size(MANY)),
        Mode::Commands | Mode::Load => (size(OWN), size(ALL)),
    };
    assert!(own < all, "the others have some too");

    averages();
    if matches!(mode, Mode::Scale) {
        scale::embedded(all);
    }
    let mut fleet = Fleet::found(own, all - own).await;
    if matches!(mode, Mode::Commands) {
        start(&fleet);
    }
    drains::import(&fleet);
    fleet.activate().await;
    match mode {
        Mode::Commands => drains_and_lists(&mut fleet).await,
        Mode::Load => load::measure(&fleet).await,
        Mode::Scale => scale::measure(&fleet).await,
    }
    averages();
}

/// What is measured.
#[derive(Clone, Copy)]
enum Mode {
    Commands,
    Load,
    Scale,
}

/// Measures what drains take, and lists.
async fn drains_and_lists(fleet: &mut Fleet) {
    drains::drain(fleet, CONTRIBUTOR).await;
    fleet.undrain(CONTRIBUTOR).await;
    drains::drain_through_a_restart(fleet).await;
    drains::drain(fleet, OTHERS).await;
    for contributor in [Some(CONTRIBUTOR), None] {
        let question = Question::draining(contributor);
        lists::list(fleet, question, fleet.len(contributor), REPEATS).await;
    }
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
