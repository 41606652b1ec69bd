//! Running a drain: starting it, waiting for it, and reporting how it went.

use {
    super::{outcome::outcome, progress::DrainProgress},
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{
            drain::{
                outcome::Ended,
                stopped::{report_rolling, report_unwatched},
                table,
                text::named,
            },
            Report,
        },
        terminal::paragraph,
        workflow::{device::targets::Targets, run::follow},
    },
    ebb_sdk::fleet::{self, DrainAction, DrainPlan, Run, RunOptions},
};

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
    let codes = targets.planned_codes(&plan);
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
        (_, Some(_)) => report_rolling(&running.reports(), &codes),
        (Ended::Interrupted(_), None) if was_watching => report_unwatched(&running.reports()),
        _ => {}
    }
    finish(context, targets, &running, run, ended).await
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
        outcomes.push(outcome(targets, one, &ended, waited).await);
    }
    let mut report = Report::new(context);
    let is_signed = outcomes.iter().any(|it| it.item.signed().is_some());
    let printed = run.has_table && !context.output.is_json() && !is_signed;
    if printed {
        // That nobody reads stdout any more takes nothing from the failures reported below.
        report.shown(table::print(&outcomes, context.terminal));
    }
    for outcome in outcomes {
        match printed {
            true => report.push_quietly(outcome.item),
            false => report.push(outcome.item),
        }
    }
    match ended {
        Ended::Interrupted(signal) => report.cut_short(CliError::interrupted(signal)),
        Ended::Done | Ended::TimedOut | Ended::Failed(_) => report.finish(),
    }
}
