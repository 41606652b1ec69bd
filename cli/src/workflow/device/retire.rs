//! Retiring devices, and waiting for what is missing.

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::Identifier,
        render::{drain::rate_limited::RateLimited, refusal::disk_keys, Item, Report},
        signal::Signal,
        terminal::{
            status,
            time::{rfc3339, span},
        },
        workflow::{
            device::targets::Targets,
            refusal::{disk_keys_left, explain},
            run::{follow, EventDisplay},
        },
    },
    ebb_sdk::{
        fleet::{
            self, is_passing, Blocked, FleetError, Permission, Reports, RunEvent, RunOptions,
            StepPlan,
        },
        lifecycle::Action,
        state::ProvisioningStatus,
    },
    std::collections::HashMap,
};

/// Retires devices, after a confirmation.
pub async fn retire(
    devices: Vec<Identifier>,
    options: RunOptions,
    context: &Context,
) -> Result<Exit, CliError> {
    let targets = Targets::named(context, Action::Retire, devices);
    context.require_single(
        targets.len() == 1 && !options.wait,
        "several devices, or --wait, may take several transactions",
    )?;
    let plan = targets
        .prepare(async {
            let plan = targets.plan_step().await?;
            let codes = open(&plan, options.wait);
            if codes.is_empty() {
                return Ok(plan);
            }
            let consequence = format!(
                "{} will be taken out of service for good.",
                codes.join(", ")
            );
            context.confirm(&consequence)?;
            context.prepare_to_send().await?;
            Ok(plan)
        })
        .await?;
    let mut run = context.fleet().retire(plan, options);
    let mut display = RetireDisplay {
        context,
        waits: options.wait,
        waiting: HashMap::new(),
        outage: RateLimited::default(),
    };
    let signal = follow(&mut run, &mut display).await?;
    let mut report = Report::new(context);
    for (row, one) in run.reports().iter().enumerate() {
        report.push(item(&targets, row, &one, signal).await);
    }
    match signal {
        Some(signal) => report.cut_short(CliError::interrupted(signal)),
        None => report.finish(),
    }
}

/// The devices with which something is to be done.
fn open(plan: &StepPlan, waits: bool) -> Vec<&str> {
    let devices = plan.devices().iter();
    let open = devices.filter(|device| match &device.permission {
        Ok(Permission::Granted { .. }) => true,
        Ok(Permission::AlreadyThere) => false,
        Err(error) => waits && is_passing(error),
    });
    open.filter_map(|device| Some(device.subject.as_deref()?.code()))
        .collect()
}

/// What is reported of a device, however early the run ended.
async fn item(
    targets: &Targets<'_>,
    row: usize,
    report: &fleet::RowReport,
    signal: Option<Signal>,
) -> Item {
    if report.waits_for.is_none() || report.failure.is_some() {
        if let Some(item) = targets.item(row, report).await {
            return item;
        }
    }
    let moved = report
        .moved
        .map(|moved| targets.moved(&report.code, &moved));
    if let Some(signal) = signal {
        let error = CliError::interrupted(signal);
        return match moved {
            Some(item) => {
                let error = error.at(item.text());
                item.but(error)
            }
            None => targets.cut_short(row, report, error),
        };
    }
    let error = timed_out(targets, row, report).await;
    match moved {
        Some(item) => item.but(error),
        None => targets.failed(row, report, error),
    }
}

/// That the time to wait ran out, and what was missing until then.
async fn timed_out(targets: &Targets<'_>, row: usize, report: &fleet::RowReport) -> CliError {
    let last = report.last.as_deref();
    let missing = match &report.waits_for {
        Some(error) => targets.explain(row, last, error).await.to_string(),
        None => "its next step is open".to_owned(),
    };
    // A cluster that is out of reach was seen at no time.
    let is_outage = report.waits_for.as_ref().is_some_and(FleetError::is_outage);
    let at = last
        .filter(|_| !is_outage)
        .and_then(|last| rfc3339(last.now));
    let seen = match at {
        Some(at) => format!("last seen at {at}: {missing}"),
        None => missing,
    };
    CliError::timed_out(format!("the time to wait ran out; {seen}"))
}

/// Shows on stderr what retirements wait for.
struct RetireDisplay<'a> {
    context: &'a Context,
    waits: bool,
    waiting: HashMap<usize, RateLimited>,
    outage: RateLimited,
}

impl EventDisplay for RetireDisplay<'_> {
    async fn show(&mut self, event: RunEvent, reports: &Reports) {
        match event {
            RunEvent::Blocked {
                devices, interval, ..
            } => {
                for blocked in &devices {
                    self.show_waiting(blocked, interval, reports).await;
                }
            }
            RunEvent::Accepted { device, .. } if !self.waits => {
                self.show_keys_left(device.row, reports).await;
            }
            RunEvent::OutOfReach { error } if self.outage.is_due(0) => {
                let error = CliError::from(error);
                status(format_args!("{error}; checking again"));
            }
            _ => {}
        }
    }
}

impl RetireDisplay<'_> {
    async fn show_waiting(&mut self, blocked: &Blocked, interval: u64, reports: &Reports) {
        let waiting = self.waiting.entry(blocked.device.row).or_default();
        let last = reports.get(blocked.device.row).and_then(|it| it.last);
        let Some(last) = last.filter(|_| waiting.is_due(blocked.sequence)) else {
            return;
        };
        let error = explain(self.context, &last, Some(Action::Retire), blocked.rule).await;
        let next = span(interval);
        status(format_args!("waiting: {error}; checks again in {next}"));
    }

    /// A device that went no further than Retiring: whose disk keys are left.
    async fn show_keys_left(&self, row: usize, reports: &Reports) {
        let Some(report) = reports.get(row) else {
            return;
        };
        let to = report.moved.and_then(|moved| moved.to);
        let last = report
            .last
            .filter(|_| to == Some(ProvisioningStatus::Retiring));
        let Some(last) = last else {
            return;
        };
        if let Ok(left) = disk_keys_left(self.context, &last).await {
            let left = disk_keys(&last, &left);
            status(format_args!(
                "{} is retiring, and retired once no disk key is left: {left}",
                report.code
            ));
        }
    }
}
