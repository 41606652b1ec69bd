//! Running a drain: starting it, waiting for it, and reporting how it went.

use {
    super::{
        outcome::{Outcome, RunOutcome},
        progress::DrainDisplay,
        summary,
        text::last_seen,
    },
    crate::{
        command::device::targets::Targets,
        context::Context,
        error::{CliError, Exit},
        output::{paragraph, status, Report},
        run::follow,
        value::rfc3339,
        view::time::count,
    },
    ebb_sdk::fleet::{
        Drain, DrainAction, DrainPlan, PlannedDrain, Run, RunEnd, RunOptions, TransactionState,
    },
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
    let codes = codes(targets, &plan);
    let sends = sends(&plan, run.options.rolling.is_some());
    let mut display = match run.options.rolling {
        Some(max) => {
            let names: Vec<&str> = codes.iter().map(String::as_str).collect();
            paragraph(format_args!(
                "Draining {}, {max} at a time. Ctrl-C starts no more; it cancels no drain.",
                named(&names, ", ")
            ));
            DrainDisplay::rolling(targets, context, sends, codes.len())
        }
        None => DrainDisplay::new(targets, context, sends, run.has_table),
    };
    let fleet = context.fleet().parallel(run.parallel);
    let mut running = fleet.drain(plan, run.options);
    let signal = follow(&mut running, &mut display).await;
    let is_watching = display.is_watching();
    drop(display);
    let outcome = match signal {
        Ok(Some(signal)) => RunOutcome::Interrupted(signal),
        Ok(None) if running.ended() == Some(RunEnd::TimedOut) => RunOutcome::TimedOut,
        Ok(None) => RunOutcome::Done,
        Err(error) if is_watching || run.options.rolling.is_some() => {
            RunOutcome::Failed(error.into())
        }
        Err(error) => return Err(context.explain_run(error)),
    };
    match (&outcome, run.options.rolling) {
        (RunOutcome::Done | RunOutcome::Failed(_), _) => {}
        (_, Some(_)) => report_stop(&running, &codes),
        (RunOutcome::Interrupted(_), None) if is_watching => report_unwatched(&running),
        _ => {}
    }
    finish(context, targets, &running, run, outcome).await
}

fn codes(targets: &Targets<'_>, plan: &DrainPlan) -> Vec<String> {
    let devices = plan.devices().iter().enumerate();
    devices
        .map(|(row, device)| targets.planned_code(row, device.subject.as_deref(), &device.address))
        .collect()
}

/// The rows whose transactions are sent; in a rolling drain those too that wait for it.
fn sends(plan: &DrainPlan, rolling: bool) -> Vec<usize> {
    let sends = |device: &PlannedDrain| match device.action {
        DrainAction::Start(_) | DrainAction::Update(_) => true,
        DrainAction::Watch(_) => false,
        DrainAction::Refuse(_) => rolling && device.blocker().is_some(),
    };
    let devices = plan.devices().iter().enumerate();
    devices
        .filter(|(_, device)| sends(device))
        .map(|(row, _)| row)
        .collect()
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
    ended: RunOutcome,
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
        RunOutcome::Interrupted(signal) => report.cut_short(CliError::interrupted(signal)),
        RunOutcome::Done | RunOutcome::TimedOut | RunOutcome::Failed(_) => report.finish(),
    }
}
