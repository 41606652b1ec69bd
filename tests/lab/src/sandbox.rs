//! Each scenario in mount and network namespaces of its own, several at a time.

use {
    crate::scenario::Scenario,
    anyhow::{bail, Context, Result},
    clap::ValueEnum,
    std::{
        collections::VecDeque,
        env,
        process::{Command, Output},
        sync::{Mutex, PoisonError},
        thread,
        time::{Duration, Instant},
    },
};

/// What a scenario takes of its own: names of namespaces and sockets are below /run, FRR's reports of crashes below /var/tmp.
const MOUNT: &str = "mount -t tmpfs lab /run && mount -t tmpfs lab /var/tmp && exec \"$@\"";

/// Runs scenarios, each in a process of its own, and prints what each has found.
pub fn run(scenarios: &[Scenario], parallel: usize) -> Result<()> {
    let all = match scenarios {
        [] => Scenario::value_variants(),
        some => some,
    };
    let start = Instant::now();
    let queue = Mutex::new(all.iter().copied().collect::<VecDeque<_>>());
    let failed = Mutex::new(vec![]);
    thread::scope(|scope| {
        for _ in 0..parallel.max(1) {
            scope.spawn(|| {
                while let Some(scenario) = next(&queue) {
                    let begun = Instant::now();
                    let is_good = print(scenario, run_one(scenario), begun.elapsed());
                    if !is_good {
                        failed
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(scenario.name());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    println!(
        "{} scenarios passed in {} s",
        all.len(),
        start.elapsed().as_secs()
    );
    Ok(())
}

fn next(queue: &Mutex<VecDeque<Scenario>>) -> Option<Scenario> {
    queue
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .pop_front()
}

/// A shell in a lab.
pub fn shell() -> Result<()> {
    let status = sandboxed()?
        .arg("--shell-here")
        .status()
        .context("unshare")?;
    if status.success() {
        Ok(())
    } else {
        bail!("the shell ended with {status}")
    }
}

fn run_one(scenario: Scenario) -> Result<Output> {
    sandboxed()?
        .args(["--here", &scenario.name()])
        .output()
        .context("unshare")
}

/// This program in mount and network namespaces of its own.
fn sandboxed() -> Result<Command> {
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--net", "sh", "-c", MOUNT, "lab"])
        .arg(env::current_exe()?);
    Ok(command)
}

/// Prints what a scenario has found, in one piece; returns whether it passed.
fn print(scenario: Scenario, output: Result<Output>, elapsed: Duration) -> bool {
    let (is_good, text) = match output {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            (
                output.status.success(),
                String::from_utf8_lossy(&text).into_owned(),
            )
        }
        Err(error) => (false, format!("{error:#}\n")),
    };
    let verdict = if is_good { "passed" } else { "FAILED" };
    println!(
        "== {}: {verdict} in {} s\n{text}",
        scenario.name(),
        elapsed.as_secs()
    );
    is_good
}
