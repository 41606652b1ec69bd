//! Running a drain: starting it, waiting for it, and reporting how it went.

use {
    super::progress::DrainProgress,
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{
            drain::{
                outcome::{Ended, Outcome},
                summary,
                text::last_seen,
            },
            Report,
        },
        terminal::{
            paragraph, status,
            time::{count, rfc3339},
        },
        workflow::{device::targets::Targets, run::follow},
    },
    ebb_sdk::fleet::{self, Drain, DrainAction, DrainPlan, Run, RunOptions, Transaction},
};

/// How many codes are named one by one.
const MAX_NAMED: usize = 8;

/// How a drain is run and reported.
#[derive(Clone, Copy, Debug)]
pub struct DrainRun {
    /// How it is run.
    pub options: RunOptions,
    /// How many transactions may be on their way at a time.
    pub parallel: usize,
    /// Report how it went in a table.
    pub has_table: bool,
}

/// Does what was planned.
pub async fn perform(
    context: &Context,
    targets: &Targets<'_>,
    plan: DrainPlan,
    run: DrainRun,
) -> Result<Exit, CliError> {
    let codes: Vec<String> = plan
        .devices()
        .iter()
        .enumerate()
        .map(|(row, device)| targets.planned_code(row, device.subject.as_deref(), &device.address))
        .collect();
    let sends = plan.devices().iter().enumerate();
    let sends = sends.filter(|(_, device)| {
        matches!(
            device.action,
            DrainAction::Start(_) | DrainAction::Update(_)
        )
    });
    let sends: Vec<usize> = sends.map(|(row, _)| row).collect();
    let rolling = run.options.rolling;
    let mut progress = match rolling {
        Some(max) => {
            let names: Vec<&str> = codes.iter().map(String::as_str).collect();
            paragraph(format_args!(
                "Draining {}, {max} at a time. Ctrl-C starts no more; it cancels no drain.",
                named(&names, ", ")
            ));
            DrainProgress::rolling(targets, context, codes.len())
        }
        None => DrainProgress::new(targets, context, sends, run.has_table),
    };
    let mut running = context
        .fleet()
        .parallel(run.parallel)
        .drain(plan, run.options);
    let signal = follow(&mut running, &mut progress).await;
    let was_watching = progress.is_watching();
    drop(progress);
    let ended = match signal {
        Ok(Some(signal)) => Ended::Interrupted(signal),
        Ok(None) if running.ended() == Some(fleet::Ended::TimedOut) => Ended::TimedOut,
        Ok(None) => Ended::Done,
        Err(error) if was_watching || rolling.is_some() => Ended::Failed(error.into()),
        Err(error) => return Err(context.explain_run(error)),
    };
    match (&ended, rolling) {
        (Ended::Done | Ended::Failed(_), _) => {}
        (_, Some(_)) => report_stop(&running, &codes),
        (Ended::Interrupted(_), None) if was_watching => report_unwatched(&running),
        _ => {}
    }
    finish(context, targets, &running, run, ended).await
}

/// What goes on, once nobody watches it any more.
fn report_unwatched(run: &Run) {
    run.reports().read(|reports| {
        let watched = reports
            .iter()
            .filter_map(|report| Some((report.code.as_str(), report.drain.as_ref()?)));
        let watched: Vec<(&str, &Drain)> = watched.collect();
        let codes: Vec<&str> = watched.iter().map(|(code, _)| *code).collect();
        let again = match codes.len() > MAX_NAMED {
            true => "the same command".to_owned(),
            false => format!("ebb device drain {} --wait", codes.join(" ")),
        };
        status(format_args!(
            "Stopped watching, which cancels no drain: {}. Watch again with: {again}",
            all_last_seen(&watched)
        ));
    });
}

/// What a rolling drain leaves that is stopped.
fn report_stop(run: &Run, codes: &[String]) {
    let (draining, waiting) = run.reports().read(|reports| {
        let (mut draining, mut sent, mut waiting) = (vec![], vec![], vec![]);
        for (report, code) in reports.iter().zip(codes) {
            match (&report.drain, report.transaction) {
                (Some(drain), _) if drain.is_open() => {
                    draining.push(format!("{code} {}", last_seen(drain)));
                }
                (None, Transaction::Sent) if report.failure.is_none() => {
                    sent.push(format!("{code} sent, and not known to be accepted"));
                }
                _ if !report.is_known() => waiting.push(code.clone()),
                _ => {}
            }
        }
        draining.extend(sent);
        (draining, waiting)
    });
    let none_or = |codes: Vec<String>| match codes.is_empty() {
        true => "none".to_owned(),
        false => codes.join(", "),
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

/// Codes, or how many they are.
pub fn named(codes: &[&str], between: &str) -> String {
    match codes.len() > MAX_NAMED {
        true => format!("{} devices", codes.len()),
        false => codes.join(between),
    }
}

/// Reports each device; the gravest failure decides the exit code.
async fn finish(
    context: &Context,
    targets: &Targets<'_>,
    running: &Run,
    run: DrainRun,
    ended: Ended,
) -> Result<Exit, CliError> {
    let waited = run.options.wait || run.options.rolling.is_some();
    let mut outcomes = vec![];
    for one in running.reports().all().iter().enumerate() {
        outcomes.push(Outcome::new(targets, one, &ended, waited).await);
    }
    let mut report = Report::new(context);
    let signed_only = |it: &Outcome| it.item.failure().is_some_and(|it| it.signed().is_some());
    let printed = run.has_table && !context.output.is_json() && !outcomes.iter().any(signed_only);
    if printed {
        // That nobody reads stdout any more takes nothing from the failures reported below.
        report.shown(summary::print(&outcomes, context.terminal));
    }
    for outcome in outcomes {
        match printed {
            true => report.push_quietly(outcome.item),
            false => report.push(outcome.item)?,
        }
    }
    match ended {
        Ended::Interrupted(signal) => report.cut_short(CliError::interrupted(signal)),
        Ended::Done | Ended::TimedOut | Ended::Failed(_) => report.finish(),
    }
}
