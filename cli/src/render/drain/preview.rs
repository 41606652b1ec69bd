//! What the drain of several devices comes to, before anything is sent.

use {
    super::{amendment::AmendmentView, announce::announce_all},
    crate::{
        error::{CliError, Kind},
        terminal::{
            time::{count, distance},
            Columns,
        },
    },
    ebb_sdk::{
        fleet::{DrainAction, DrainPlan, PlannedDrain, Subject},
        state::ProvisioningStatus,
    },
};

/// The columns of the preview.
const COLUMNS: &[&str] = &[
    "DEVICE",
    "LOCATION",
    "SESSIONS",
    "HOLDS",
    "BUDGET",
    "WHAT HAPPENS",
];

/// A plan, and why nothing can be done with some of its devices.
pub struct Preview<'a> {
    /// The plan.
    pub plan: &'a DrainPlan,
    /// What each device is called.
    pub codes: Vec<String>,
    /// Why nothing can be done with it, of each device.
    pub errors: Vec<Option<CliError>>,
    /// Whether the devices are drained one after another.
    pub rolling: bool,
}

impl Preview<'_> {
    /// Why nothing can be done with a device.
    pub fn error(&self, row: usize) -> Option<&CliError> {
        self.errors.get(row)?.as_ref()
    }

    /// What will be done with each device, a row each.
    pub fn table(&self, is_coloured: bool) -> Columns {
        let mut columns = Columns::new(COLUMNS, is_coloured);
        for (row, (device, code)) in self.plan.devices().iter().zip(&self.codes).enumerate() {
            columns.push(match &device.subject {
                Some(subject) => self.row(row, device, subject),
                None => {
                    let blank = (0..4).map(|_| "-".to_owned());
                    let cells = std::iter::once(code.clone()).chain(blank);
                    cells.chain([self.refusal(row, device)]).collect()
                }
            });
        }
        columns
    }

    /// What will happen to the users of all devices that will be drained, if any will.
    pub fn consequence(&self) -> Option<String> {
        let starting = self.plan.to_start(self.rolling);
        let starting: Vec<&Subject> = starting.filter_map(|it| it.subject.as_deref()).collect();
        let now = starting.first()?.now;
        Some(announce_all(&starting, self.plan.options(), now))
    }

    fn row(&self, row: usize, device: &PlannedDrain, subject: &Subject) -> Vec<String> {
        let head = subject.head();
        let live = || head.live_holds(subject.now);
        let holds = match live().map(|hold| hold.expires_at).max() {
            Some(last) => format!(
                "{}, last ends {}",
                live().count(),
                distance(last, subject.now)
            ),
            None => "0".to_owned(),
        };
        vec![
            subject.code().to_owned(),
            subject.location.account.code.clone(),
            head.sessions.to_string(),
            holds,
            budget(device),
            self.outlook(row, device, subject),
        ]
    }

    fn outlook(&self, row: usize, device: &PlannedDrain, subject: &Subject) -> String {
        match &device.action {
            DrainAction::Start(_) if device.is_over_budget => {
                if self.rolling {
                    "waits: the budget is used up".to_owned()
                } else {
                    "refused: the budget is used up".to_owned()
                }
            }
            DrainAction::Start(_) => match subject.head().sessions {
                0 => "drained at once".to_owned(),
                open => format!("drains, {} to close", count(open, "session")),
            },
            DrainAction::Update(_) => {
                let changes = self
                    .plan
                    .options()
                    .amendments(&subject.head().drain, subject.now);
                let changes = changes.iter();
                let changes =
                    changes.map(|it| AmendmentView::new(it, subject.now).text().to_owned());
                changes.collect::<Vec<_>>().join(", ")
            }
            DrainAction::Watch(_) => stays(subject),
            DrainAction::Refuse(_) => self.refusal(row, device),
        }
    }

    fn refusal(&self, row: usize, device: &PlannedDrain) -> String {
        let Some(error) = self.error(row) else {
            return String::new();
        };
        let what = error.brief();
        match error.kind() {
            Kind::Refused if self.rolling && device.blocker().is_some() => format!("waits: {what}"),
            Kind::Refused => format!("refused: {what}"),
            _ => what,
        }
    }
}

fn budget(device: &PlannedDrain) -> String {
    let Some(budget) = device.budget else {
        return "-".to_owned();
    };
    let (activated, keeps) = (budget.activated, budget.min_activated);
    if device.is_over_budget {
        format!("{activated}, keeps {keeps}")
    } else {
        format!(
            "{activated} → {}, keeps {keeps}",
            activated.saturating_sub(1)
        )
    }
}

fn stays(subject: &Subject) -> String {
    let head = subject.head();
    match head.provisioning_status {
        ProvisioningStatus::Draining if head.is_drained() => "unchanged: drained".to_owned(),
        _ => format!(
            "unchanged: draining, {} left",
            count(head.sessions, "session")
        ),
    }
}
