//! What people read of drains that are waited for.

use {
    crate::terminal::time::{count, distance, moment, rfc3339, span},
    ebb_sdk::fleet::{Drain, DrainChange, DrainEnd, DrainProgress},
};

/// How many codes are named one by one.
pub const MAX_NAMED: usize = 8;

/// Codes, or how many they are.
pub fn named(codes: &[&str], between: &str) -> String {
    if codes.len() > MAX_NAMED {
        format!("{} devices", codes.len())
    } else {
        codes.join(between)
    }
}

/// A change as text. `evicting` if this command evicts at the deadline.
pub fn change(
    code: &str,
    progress: &DrainProgress,
    change: DrainChange,
    now: i64,
    evicting: bool,
) -> String {
    match change {
        DrainChange::Closed { closed, open } => format!(
            "{code}: {} closed, {open} of {} left",
            count(closed, "session"),
            progress.last().drain.sessions_at_start
        ),
        DrainChange::Health { health } => format!("{code}: health is now {health}"),
        DrainChange::Deadline { deadline } => moved_deadline(code, progress, deadline, now),
        DrainChange::DeadlinePassed { open } if evicting => format!(
            "{code}: the deadline has passed; evicting {}",
            count(open, "session")
        ),
        DrainChange::DeadlinePassed { open } => format!(
            "{code}: the deadline has passed with {} left; to evict: ebb device drain {code} --evict",
            count(open, "session")
        ),
        DrainChange::Ended { end } => ended(code, progress, end, now),
    }
}

fn moved_deadline(code: &str, progress: &DrainProgress, deadline: i64, now: i64) -> String {
    let drain = &progress.last().drain;
    let setter = format!("{} ({})", drain.deadline_by, drain.deadline_role);
    match deadline {
        0 => format!("{code}: {setter} lifted the deadline"),
        at => format!("{code}: {setter} moved the deadline to {}", moment(at, now)),
    }
}

/// That an eviction would never begin: these drains have no deadline.
pub fn never_evicts(codes: &[&str]) -> String {
    let which = match codes {
        [only] => *only,
        _ => "CODE",
    };
    format!(
        "--evict can evict nobody from {} until a deadline is set: \
         ebb device drain {which} --update --deadline 1h",
        named(codes, ", ")
    )
}

/// What the wait waits for while nothing changes.
pub fn waiting(progress: &DrainProgress, now: i64, interval: u64) -> String {
    let device = progress.last();
    let deadline = match device.drain.deadline {
        0 => "no deadline".to_owned(),
        at if at > now => format!("deadline {}", distance(at, now)),
        at => format!("deadline passed {}", distance(at, now)),
    };
    format!(
        "waiting for {} to leave, {deadline}; checks again in {}",
        count(device.sessions, "session"),
        span(interval.max(1))
    )
}

/// What the wait for many drains waits for; `open` are those that still run. Nothing if none does.
pub fn survey(open: &[&DrainProgress], now: i64, interval: u64) -> String {
    if open.is_empty() {
        return String::new();
    }
    let sessions = open
        .iter()
        .fold(0, |sum: u32, one| sum.saturating_add(one.last().sessions));
    let deadlines = open.iter().map(|progress| progress.last().drain.deadline);
    let deadline = match deadlines.filter(|at| *at > now).min() {
        Some(at) => format!(", next deadline {}", distance(at, now)),
        None => String::new(),
    };
    format!(
        "waiting for {} of {} to leave{deadline}; checks again in {}",
        count(sessions, "session"),
        count(u32::try_from(open.len()).unwrap_or(u32::MAX), "device"),
        span(interval.max(1))
    )
}

/// When a drain was last seen, and with how many sessions: all that is known of it now.
pub fn last_seen(drain: &Drain) -> String {
    let at = rfc3339(drain.seen_at).unwrap_or_default();
    let sessions = count(drain.progress.last().sessions, "session");
    format!("last seen at {at} with {sessions}")
}

/// How a drain ended.
pub fn ended(code: &str, progress: &DrainProgress, end: DrainEnd, now: i64) -> String {
    let took = span(now.abs_diff(progress.last().drain.started_at));
    let unknown_who = "the account does not record who did it";
    match end {
        DrainEnd::Drained => format!("{code} is drained after {took}: {}", tally(progress)),
        DrainEnd::Undrained => {
            format!("{code} was undrained by another party and serves again; {unknown_who}")
        }
        DrainEnd::Restarted => {
            let drain = &progress.last().drain;
            format!(
                "{code} was undrained by another party and drained anew by {} ({})",
                drain.started_by, drain.role
            )
        }
        DrainEnd::Retired => {
            let status = progress.last().provisioning_status;
            format!("{code} was retired by another party and is {status} now; {unknown_who}")
        }
        DrainEnd::Removed => format!("{code} was removed by another party; {unknown_who}"),
    }
}

fn tally(progress: &DrainProgress) -> String {
    let tally = progress.tally();
    let mut parts = vec![
        format!("{} left by themselves", tally.left),
        format!("{} evicted", tally.evicted),
    ];
    if tally.closed_late > 0 {
        parts.push(format!(
            "{} closed by others after the deadline",
            tally.closed_late
        ));
    }
    parts.join(", ")
}
