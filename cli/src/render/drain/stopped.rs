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
            .filter_map(|report| Some((report.code.as_str(), report.drain.as_ref()?)));
        let watched: Vec<(&str, &Drain)> = watched.collect();
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
                (Some(drain), _) if drain.is_open() => {
                    draining.push(format!("{code} {}", last_seen(drain)));
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
fn all_last_seen(drains: &[(&str, &Drain)]) -> String {
    if drains.len() <= MAX_NAMED {
        let each = drains.iter();
        let each = each.map(|(code, drain)| format!("{code} {}", last_seen(drain)));
        return each.collect::<Vec<_>>().join(", ");
    }
    let sessions = drains.iter().map(|(_, it)| it.progress.last().sessions);
    let sessions = sessions.fold(0, u32::saturating_add);
    let seen_at = drains.iter().map(|(_, drain)| drain.seen_at).min();
    format!(
        "{} devices last seen at {} with {}",
        drains.len(),
        seen_at.and_then(rfc3339).unwrap_or_default(),
        count(sessions, "session")
    )
}
