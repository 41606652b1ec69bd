//! Running a drain: starting it, waiting for it, and reporting how it went.

use {
    super::{outcome::outcome, progress::DrainDisplay},
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{
            drain::{
                outcome::RunOutcome,
                stopped::{report_rolling, report_unwatched},
                table,
                text::named,
            },
            Report,
        },
        terminal::paragraph,
        workflow::{device::targets::Targets, run::follow},
    },
    ebb_sdk::fleet::{DrainAction, DrainPlan, PlannedDrain, Run, RunEnd, RunOptions},
};

/// How a drain is run and reported.
#[derive(Clone, Copy, Debug)]
pub struct DrainRun {
    /// How it is run.
    pub options: RunOptions,
    /// How many transactions may be in flight at a time.
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
    let codes = targets.planned_codes(&plan);
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
    let ended = match signal {
        Ok(Some(signal)) => RunOutcome::Interrupted(signal),
        Ok(None) if running.ended() == Some(RunEnd::TimedOut) => RunOutcome::TimedOut,
        Ok(None) => RunOutcome::Done,
        Err(error) if is_watching || run.options.rolling.is_some() => {
            RunOutcome::Failed(error.into())
        }
        Err(error) => return Err(context.explain_run(error)),
    };
    match (&ended, run.options.rolling) {
        (RunOutcome::Done | RunOutcome::Failed(_), _) => {}
        (_, Some(_)) => report_rolling(&running.reports(), &codes),
        (RunOutcome::Interrupted(_), None) if is_watching => report_unwatched(&running.reports()),
        _ => {}
    }
    finish(context, targets, &running, run, ended).await
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

/// Reports each device; the gravest failure decides the exit code.
async fn finish(
    context: &Context,
    targets: &Targets<'_>,
    running: &Run,
    run: DrainRun,
    ended: RunOutcome,
) -> Result<Exit, CliError> {
    let waited = run.options.wait || run.options.rolling.is_some();
    let reports = running.reports();
    let mut outcomes = Vec::with_capacity(reports.read(<[_]>::len));
    for (row, report) in reports.iter().enumerate() {
        outcomes.push(outcome(targets, (row, &report), &ended, waited).await);
    }
    let mut report = Report::new(context);
    let is_signed = outcomes.iter().any(|it| it.item.signed().is_some());
    let printed = run.has_table && !context.output.is_json() && !is_signed;
    if printed {
        // That nobody reads stdout any more takes nothing from the failures reported below.
        report.shown(table::print(&outcomes, context.terminal));
    }
    for outcome in outcomes {
        if printed {
            report.push_quietly(outcome.item);
        } else {
            report.push(outcome.item);
        }
    }
    match ended {
        RunOutcome::Interrupted(signal) => report.cut_short(CliError::interrupted(signal)),
        RunOutcome::Done | RunOutcome::TimedOut | RunOutcome::Failed(_) => report.finish(),
    }
}
