//! What people see of drains while they go on.

use {
    crate::{
        context::{closing, Context},
        error::CliError,
        render::drain::{
            bars::{DrainBars, Meter},
            outcome::started,
            rate_limited::RateLimited,
            text::{self, named},
        },
        terminal::{
            paragraph, status,
            time::{rfc3339, span},
        },
        workflow::{device::targets::Targets, refusal::explain, run},
    },
    ebb_sdk::{
        fleet::{
            Blocked, DeviceRef, Drain, DrainChange, DrainProgress, FleetError, Reports, RowReport,
            RunEvent,
        },
        lifecycle::Action,
        EbbError,
    },
    std::collections::HashMap,
};

/// How many of those that wait are shown, each with what stops it.
const MAX_SHOWN: usize = 5;

/// Shows drains on stderr.
pub struct DrainDisplay<'a> {
    context: &'a Context,
    targets: &'a Targets<'a>,
    /// One after another: each is shown as it starts.
    is_rolling: bool,
    /// Whether a table at the end shows what was started.
    has_table: bool,
    /// The rows whose transactions are sent.
    sends: Vec<usize>,
    /// How far the sending is, until it is done.
    meter: Option<Meter>,
    bars: Option<DrainBars>,
    /// The line or bar of each row.
    lines: HashMap<usize, usize>,
    outage: RateLimited,
    blocked: RateLimited,
}

impl<'a> DrainDisplay<'a> {
    /// Shows a run that sends the transactions of these rows.
    pub fn new(
        targets: &'a Targets<'a>,
        context: &'a Context,
        sends: Vec<usize>,
        has_table: bool,
    ) -> Self {
        Self {
            context,
            targets,
            is_rolling: false,
            has_table,
            meter: (!sends.is_empty()).then(|| Meter::new(context.terminal.bars, sends.len())),
            sends,
            bars: None,
            lines: HashMap::new(),
            outage: RateLimited::default(),
            blocked: RateLimited::default(),
        }
    }

    /// Shows a rolling run of so many devices that starts the drains of these rows.
    pub fn rolling(
        targets: &'a Targets<'a>,
        context: &'a Context,
        sends: Vec<usize>,
        devices: usize,
    ) -> Self {
        Self {
            is_rolling: true,
            bars: Some(DrainBars::of_many(context.terminal.bars, devices)),
            sends,
            ..Self::new(targets, context, vec![], true)
        }
    }

    /// Whether everything was sent, and is waited for.
    pub fn is_watching(&self) -> bool {
        self.bars.is_some() && !self.is_rolling
    }

    fn stamp(&self, at: i64, text: &str) {
        status(format_args!("{} {text}", rfc3339(at).unwrap_or_default()));
    }

    /// One device's transaction is through.
    async fn through(&mut self, row: usize, reports: &Reports) {
        if !self.sends.contains(&row) {
            return;
        }
        if let Some(meter) = &mut self.meter {
            meter.step();
        }
        if !self.is_rolling {
            return;
        }
        let Some(report) = reports.get(row) else {
            return;
        };
        let at = report.last.as_ref().map(|last| last.now);
        let at = at.unwrap_or_default();
        if report.drain.as_ref().is_some_and(Drain::never_evicts) {
            self.stamp(at, &text::never_evicts(&[&report.code]));
        }
        if let Some(failure) = &report.failure {
            let error = self
                .targets
                .explain(row, report.last.as_deref(), failure)
                .await;
            self.stamp(at, &format!("not drained: {error}"));
        } else {
            self.stamp(at, &started(&report));
        }
    }

    /// Everything was sent.
    fn watching(&mut self, devices: &[DeviceRef], reports: &Reports) {
        self.meter = None;
        let all = reports.all();
        let watched = devices.iter();
        let watched: Vec<&RowReport> = watched.filter_map(|it| all.get(it.row)).collect();
        if !self.has_table {
            for report in &watched {
                status(started(report));
            }
        }
        let codes: Vec<&str> = devices.iter().map(|device| device.code.as_str()).collect();
        paragraph(format_args!(
            "Watching {}. Ctrl-C stops watching; it does not cancel the drain.",
            named(&codes, ", ")
        ));
        // One that could not be read since it was accepted has no line yet.
        let read = devices.iter().zip(&watched);
        let read: Vec<(usize, &str, &Drain)> = read
            .filter_map(|(device, report)| {
                Some((device.row, report.code.as_str(), report.drain.as_ref()?))
            })
            .collect();
        let stuck = read.iter().filter(|(_, _, drain)| drain.never_evicts());
        let stuck: Vec<&str> = stuck.map(|(_, code, _)| *code).collect();
        if !stuck.is_empty() {
            status(text::never_evicts(&stuck));
        }
        let lines = read.iter().enumerate();
        self.lines = lines.map(|(line, (row, ..))| (*row, line)).collect();
        let shown = read.iter().map(|(_, code, drain)| (*code, &drain.progress));
        self.bars = Some(DrainBars::new(self.context.terminal.bars, shown));
    }

    fn changed(&mut self, device: &DeviceRef, at: i64, change: DrainChange, reports: &Reports) {
        let Some(drain) = drain_of(reports, device.row) else {
            return;
        };
        let evicts = drain.evicts_as.is_some();
        let text = text::change(&device.code, &drain.progress, change, at, evicts);
        let line = self.line(device.row);
        if let Some(bars) = &mut self.bars {
            bars.print(line, at, &text);
            if let DrainChange::Ended { .. } = change {
                bars.end(line, &drain.progress);
            }
        }
    }

    fn draining(&mut self, device: &DeviceRef, at: i64, interval: u64, reports: &Reports) {
        let line = self.line(device.row);
        if let (Some(bars), Some(drain)) = (&mut self.bars, drain_of(reports, device.row)) {
            let waiting = text::waiting(&drain.progress, at, interval);
            bars.show(line, at, &drain.progress, &waiting);
        }
    }

    fn surveyed(&mut self, at: i64, interval: u64, reports: &Reports) {
        let Some(bars) = &mut self.bars else {
            return;
        };
        reports.read(|reports| {
            let drains = || reports.iter().filter_map(|report| report.drain.as_ref());
            let open = drains().filter(|drain| drain.is_open());
            let open: Vec<&DrainProgress> = open.map(|drain| &drain.progress).collect();
            let done = drains().count().saturating_sub(open.len());
            bars.survey(at, done, &text::survey(&open, at, interval));
        });
    }

    /// The line of a row; one for all has none.
    fn line(&self, row: usize) -> usize {
        self.lines.get(&row).copied().unwrap_or(usize::MAX)
    }

    /// Shows what stops those that wait: when that changes, and every few seconds while it does not.
    async fn show_blocked(&mut self, blocked: Blocking<'_>, reports: &Reports) {
        let rules = blocked.devices.iter();
        let state: Vec<(usize, u32)> = rules.map(|it| (it.device.row, it.rule.number())).collect();
        if !self.blocked.is_due(state) {
            return;
        }
        let next = span(blocked.interval);
        for one in blocked.devices.iter().take(MAX_SHOWN) {
            let Some(last) = reports.get(one.device.row).and_then(|report| report.last) else {
                continue;
            };
            let error = explain(self.context, &last, Some(Action::Drain), one.rule).await;
            self.stamp(
                blocked.at,
                &format!("waiting: {error}; checks again in {next}"),
            );
        }
        let more = blocked.devices.len().saturating_sub(MAX_SHOWN);
        if more > 0 {
            self.stamp(blocked.at, &format!("{more} more wait likewise"));
        }
        let over_budget = |it: &Blocked| it.rule == EbbError::BudgetExceeded;
        if blocked.open == 0 && blocked.devices.iter().any(over_budget) {
            self.stamp(
                blocked.at,
                "nothing drains any more: a drained device stays draining until somebody undrains it \
                 (ebb device undrain CODE), so this wait ends only then, when the budget is lowered, at \
                 --timeout, or at Ctrl-C",
            );
        }
    }

    fn out_of_reach(&mut self, error: FleetError) {
        if self.outage.is_due(0) {
            let what = if self.is_rolling {
                "drains go on"
            } else {
                "the drain goes on"
            };
            let error = CliError::from(error);
            status(format_args!("{error}; {what}, checking again"));
        }
    }
}

/// What [`RunEvent::Blocked`] reports.
struct Blocking<'a> {
    at: i64,
    devices: &'a [Blocked],
    open: usize,
    interval: u64,
}

impl run::EventDisplay for DrainDisplay<'_> {
    async fn show(&mut self, event: RunEvent, reports: &Reports) {
        match event {
            RunEvent::Signed { device }
            | RunEvent::Accepted { device, .. }
            | RunEvent::Unchanged { device } => {
                self.through(device.row, reports).await;
            }
            RunEvent::Failed { device, failure } => {
                // In a rolling drain, what is blocked is tried again; a failed eviction is reported at the end.
                let is_final = reports
                    .get(device.row)
                    .is_some_and(|it| it.failure.is_some());
                if is_final && !(self.is_rolling && failure.is_blocker()) {
                    self.through(device.row, reports).await;
                }
            }
            RunEvent::Watching { devices } => self.watching(&devices, reports),
            RunEvent::Changed { device, at, change } => self.changed(&device, at, change, reports),
            RunEvent::Draining {
                device,
                at,
                interval,
                ..
            } => self.draining(&device, at, interval, reports),
            RunEvent::Surveyed { at, interval, .. } => self.surveyed(at, interval, reports),
            RunEvent::Blocked {
                at,
                devices,
                open,
                interval,
            } => {
                let blocked = Blocking {
                    at,
                    devices: &devices,
                    open,
                    interval,
                };
                self.show_blocked(blocked, reports).await;
            }
            RunEvent::OutOfReach { error } => self.out_of_reach(error),
            RunEvent::ToppedUp {
                recipient,
                lamports,
            } => closing::report_top_up(&recipient, lamports),
            RunEvent::Sending { .. } | RunEvent::Evicting { .. } | RunEvent::Evicted { .. } => {}
        }
    }
}

fn drain_of(reports: &Reports, row: usize) -> Option<Drain> {
    reports.read(|reports| reports.get(row)?.drain.clone())
}
