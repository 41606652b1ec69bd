//! What goes on after a signal has stopped a run of drains.

use {
    super::text::{last_seen, MAX_NAMED},
    crate::terminal::{
        status,
        time::{count, rfc3339},
    },
    ebb_sdk::fleet::{Drain, Reports, TransactionState},
};

/// What goes on, once nobody watches it any more.
pub fn report_unwatched(reports: &Reports) {
    reports.read(|reports| {
        let watched = reports
            .iter()
            .filter(|report| report.drain.is_some() || report.is_open())
            .map(|report| (report.code.as_str(), report.drain.as_ref()));
        let watched: Vec<(&str, Option<&Drain>)> = watched.collect();
        let codes: Vec<&str> = watched.iter().map(|(code, _)| *code).collect();
        let again = if codes.len() > MAX_NAMED {
            "the same command".to_owned()
        } else {
            format!("ebb device drain {} --wait", codes.join(" "))
        };
        status(format_args!(
            "Stopped watching, which cancels no drain: {}. Watch again with: {again}",
            all_last_seen(&watched)
        ));
    });
}

/// What a rolling drain leaves that is stopped.
pub fn report_rolling(reports: &Reports, codes: &[String]) {
    let (draining, waiting) = reports.read(|reports| {
        let (mut draining, mut sent, mut waiting) = (vec![], vec![], vec![]);
        for (report, code) in reports.iter().zip(codes) {
            match (&report.drain, &report.transaction) {
                (drain, _) if report.is_open() => {
                    draining.push(format!("{code} {}", last_seen_if_read(drain.as_ref())));
                }
                (None, TransactionState::Sent) if report.failure.is_none() => {
                    sent.push(format!("{code} sent, and not known to be accepted"));
                }
                _ if !report.is_known() => waiting.push(code.clone()),
                _ => {}
            }
        }
        draining.extend(sent);
        (draining, waiting)
    });
    let none_or = |codes: Vec<String>| {
        if codes.is_empty() {
            "none".to_owned()
        } else {
            codes.join(", ")
        }
    };
    status(format_args!(
        "Stopped, which cancels no drain. Draining: {}. Never started: {}. To go on, run the same command again.",
        none_or(draining),
        none_or(waiting)
    ));
}

/// How drains were last seen, each by itself or all together.
fn all_last_seen(drains: &[(&str, Option<&Drain>)]) -> String {
    if drains.len() <= MAX_NAMED {
        let each = drains.iter();
        let each = each.map(|(code, drain)| format!("{code} {}", last_seen_if_read(*drain)));
        return each.collect::<Vec<_>>().join(", ");
    }
    let read: Vec<&Drain> = drains.iter().filter_map(|(_, drain)| *drain).collect();
    let mut parts = vec![];
    if let Some(seen_at) = read.iter().map(|drain| drain.seen_at).min() {
        let sessions = read.iter().map(|drain| drain.progress.last().sessions);
        parts.push(format!(
            "{} devices last seen at {} with {}",
            read.len(),
            rfc3339(seen_at).unwrap_or_default(),
            count(sessions.fold(0, u32::saturating_add), "session")
        ));
    }
    let unread = drains.len() - read.len();
    if unread > 0 {
        parts.push(format!("{unread} not read since they were accepted"));
    }
    parts.join(", ")
}

fn last_seen_if_read(drain: Option<&Drain>) -> String {
    drain.map_or_else(|| "not read since it was accepted".to_owned(), last_seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_that_were_never_read_no_sessions_are_claimed() {
        let drains = vec![("ams-dz001", None); MAX_NAMED + 1];
        let said = all_last_seen(&drains);
        assert_eq!(
            said,
            format!("{} not read since they were accepted", MAX_NAMED + 1)
        );
    }
}
