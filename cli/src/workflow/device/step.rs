//! One step of the lifecycle, for one device or several, each of which is accounted for however early the run ends.

use {
    super::targets::Targets,
    crate::{
        context::{closing, Context},
        error::{CliError, Exit},
        input::value::Identifier,
        render::Report,
        workflow::run::{follow, EventDisplay},
    },
    ebb_sdk::{
        fleet::{Reports, RunEvent, StepPlan},
        lifecycle::Action,
    },
};

/// Takes a step with each of several devices, and goes on after a failure.
pub async fn each(
    context: &Context,
    action: Action,
    devices: Vec<Identifier>,
) -> Result<Exit, CliError> {
    let targets = Targets::named(context, action, devices);
    context.require_single(targets.len() == 1, "several devices are named")?;
    let plan = targets.prepare(async { targets.plan_step().await }).await?;
    take(context, &targets, plan).await
}

/// Takes the step of a plan, and reports each device in its order, while they come in any.
pub async fn take(
    context: &Context,
    targets: &Targets<'_>,
    plan: StepPlan,
) -> Result<Exit, CliError> {
    let mut run = context.fleet().take_step(plan);
    let reports = run.reports();
    let mut reporting = Reporting {
        targets,
        report: Report::new(context),
        reported: 0,
    };
    let (error, is_signal) = match follow(&mut run, &mut reporting).await {
        Ok(signal) => (signal.map(CliError::interrupted), true),
        Err(error) => (Some(context.explain_run(error)), false),
    };
    for (row, report) in reports.iter().enumerate().skip(reporting.reported) {
        match (targets.item(row, &report).await, &error) {
            (Some(item), _) => reporting.report.push(item),
            (None, Some(error)) if is_signal => {
                let item = targets.cut_short(row, &report, error.clone());
                reporting.report.push(item);
            }
            (None, _) => {}
        }
    }
    match error {
        Some(error) => reporting.report.cut_short(error),
        None => reporting.report.finish(),
    }
}

/// Items that are reported in order.
struct Reporting<'a> {
    targets: &'a Targets<'a>,
    report: Report,
    reported: usize,
}

impl Reporting<'_> {
    /// Reports the devices that come next, up to the first of which nothing is known yet.
    async fn report_known(&mut self, reports: &Reports) {
        while let Some(report) = reports.get(self.reported).filter(|it| it.is_known()) {
            if let Some(item) = self.targets.item(self.reported, &report).await {
                self.report.push(item);
            }
            self.reported += 1;
        }
    }
}

impl EventDisplay for Reporting<'_> {
    async fn show(&mut self, event: RunEvent, reports: &Reports) {
        match event {
            RunEvent::ToppedUp {
                recipient,
                lamports,
            } => closing::report_top_up(&recipient, lamports),
            RunEvent::Signed { .. }
            | RunEvent::Accepted { .. }
            | RunEvent::Unchanged { .. }
            | RunEvent::Failed { .. } => {
                self.report_known(reports).await;
            }
            _ => {}
        }
    }
}
