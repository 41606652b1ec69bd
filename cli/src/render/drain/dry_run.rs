//! What a drain would do to a device, as text and JSON.

use {
    super::amendment::AmendmentView,
    crate::{
        error::CliError,
        render::{device_table::describe_hold, document::versioned, refusal::DrainingDevice, Item},
        terminal::{time::count, Output},
    },
    ebb_sdk::{
        fleet::Subject, json::HoldJson, ledger::Simulation, lifecycle::Action,
        state::ProvisioningStatus,
    },
    serde::Serialize,
    solana_sdk::native_token::LAMPORTS_PER_SOL,
};

/// Everything, as JSON.
#[derive(Serialize)]
struct DryRunDocument<'a> {
    dry_run: bool,
    results: &'a [DryRun],
}

/// What would happen to one device.
#[derive(Serialize)]
pub struct DryRun {
    /// What is reported of it.
    #[serde(flatten)]
    pub item: Item,
    sessions: Option<u32>,
    holds: Vec<HoldJson>,
    /// What would change in the record of a drain that runs.
    changes: Vec<AmendmentView>,
    budget: Option<Budget>,
    compute_units: Option<u64>,
    fee: Option<u64>,
    #[serde(skip)]
    text: Vec<String>,
}

/// What the location's disruption budget leaves.
#[derive(Serialize)]
struct Budget {
    location: String,
    activated: u32,
    min_activated: u32,
    draining: Vec<DrainingDevice>,
}

/// Writes what would happen to each device as JSON.
pub fn print_json(output: Output, results: &[DryRun]) -> Result<(), CliError> {
    let dry_run = true;
    versioned(output, &DryRunDocument { dry_run, results })
}

impl DryRun {
    /// A device of which nothing more is known.
    pub fn unread(item: Item) -> Self {
        Self {
            item,
            sessions: None,
            holds: vec![],
            changes: vec![],
            budget: None,
            compute_units: None,
            fee: None,
            text: vec![],
        }
    }

    /// The lines for people.
    pub fn text(&self) -> &[String] {
        &self.text
    }

    /// The sessions, holds and budget around a device, whether they block or not.
    pub fn around(subject: &Subject, draining: Vec<DrainingDevice>, item: Item) -> Self {
        let location = &subject.location.account;
        let budget = Budget {
            location: location.code.clone(),
            activated: location.head.activated,
            min_activated: location.head.min_activated,
            draining,
        };
        let live = || subject.head().live_holds(subject.now);
        let mut text = vec![item.text().to_owned()];
        text.push(format!(
            "  sessions: {}",
            count(subject.head().sessions, "open session")
        ));
        text.extend(live().map(|hold| {
            format!(
                "  hold: {}",
                describe_hold(&HoldJson::new(hold), subject.now)
            )
        }));
        text.push(format!("  {budget}"));
        Self {
            sessions: Some(subject.head().sessions),
            holds: live().map(HoldJson::new).collect(),
            budget: Some(budget),
            text,
            ..Self::unread(item)
        }
    }

    /// What the drain will do to users, below the line of the device.
    pub fn announces(&mut self, announced: &str) {
        self.text.insert(1, format!("  {announced}"));
    }

    /// What would change in the record of its drain.
    pub fn amends(&mut self, changes: Vec<AmendmentView>) {
        let texts = changes.iter();
        self.text
            .extend(texts.map(|change| format!("  change of {}", change.text())));
        self.changes = changes;
    }

    /// What its transaction would cost.
    pub fn cost(&mut self, simulation: &Simulation) {
        self.compute_units = Some(simulation.compute_units);
        self.fee = Some(simulation.fee);
        self.text.push(format!(
            "  cost: {} SOL fee, {} compute units",
            simulation.fee as f64 / LAMPORTS_PER_SOL as f64,
            simulation.compute_units
        ));
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let draining: Vec<String> = self
            .draining
            .iter()
            .map(|device| format!("{} ({})", device.code, device.contributor))
            .collect();
        write!(
            f,
            "budget: {} has {}, keeps at least {}",
            self.location,
            count(self.activated, "activated device"),
            self.min_activated
        )?;
        if draining.is_empty() {
            return Ok(());
        }
        write!(f, ", draining there: {}", draining.join(", "))
    }
}

/// An item of which nothing was changed, with where it would go.
pub fn unchanged(subject: &Subject, start: bool) -> Item {
    let (action, code, status) = (Action::Drain.as_str(), subject.code(), subject.status());
    if start {
        let text = format!("{code}: {status} → draining");
        let mut item = Item::unchanged(action, code, status.as_str(), text);
        item.to = Some(ProvisioningStatus::Draining.to_string());
        item
    } else {
        Item::unchanged(
            action,
            code,
            status.as_str(),
            format!("{code}: {status}, and stays so"),
        )
    }
}
