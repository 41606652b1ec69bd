//! Waiting for what other processes do.

use {
    anyhow::{bail, Result},
    std::{
        thread,
        time::{Duration, Instant},
    },
};

/// How long anything may take that is not meant to take long. The host may stall for seconds.
pub const LIMIT: Duration = Duration::from_secs(30);

const INTERVAL: Duration = Duration::from_millis(50);

/// Waits until a condition is true, and returns how long that took.
pub fn until(what: &str, condition: impl FnMut() -> Result<bool>) -> Result<Duration> {
    until_within(LIMIT, what, condition)
}

pub fn until_within(
    limit: Duration,
    what: &str,
    mut condition: impl FnMut() -> Result<bool>,
) -> Result<Duration> {
    let start = Instant::now();
    while !condition()? {
        if start.elapsed() > limit {
            bail!("waited {} s in vain until {what}", limit.as_secs());
        }
        thread::sleep(INTERVAL);
    }
    Ok(start.elapsed())
}
