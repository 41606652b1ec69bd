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
            .filter(|report| report.drain.is_some() || report.unread.is_some())
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
    let read = || drains.iter().filter_map(|(_, drain)| *drain);
    let sessions = read().map(|drain| drain.progress.last().sessions);
    let sessions = sessions.fold(0, u32::saturating_add);
    let seen_at = read().map(|drain| drain.seen_at).min();
    format!(
        "{} devices last seen at {} with {}",
        drains.len(),
        seen_at.and_then(rfc3339).unwrap_or_default(),
        count(sessions, "session")
    )
}

fn last_seen_if_read(drain: Option<&Drain>) -> String {
    drain.map_or_else(|| "not read since it was accepted".to_owned(), last_seen)
}
