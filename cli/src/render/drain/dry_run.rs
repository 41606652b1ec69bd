//! What a drain would do and what stands in its way, with nothing sent.

use {
    super::{amendment::AmendmentView, announce::announce, preview::Preview},
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{
            device::HoldView,
            device_table::describe_hold,
            refusal::{draining_at, explain_sent, DrainingDevice},
            report_error, versioned, Item,
        },
        terminal::{self, line, result_paragraph, time::count},
        workflow::device::targets::Targets,
    },
    ebb_sdk::{
        fleet::{DrainAction, DrainPlan, PlannedDrain, Subject},
        ledger::Simulation,
        lifecycle::Action,
        state::ProvisioningStatus,
    },
    serde::Serialize,
    solana_sdk::native_token::LAMPORTS_PER_SOL,
};

/// Everything, as JSON.
#[derive(Serialize)]
struct Document {
    dry_run: bool,
    results: Vec<DryRun>,
}

/// What would happen to one device.
#[derive(Serialize)]
struct DryRun {
    #[serde(flatten)]
    item: Item,
    sessions: Option<u32>,
    holds: Vec<HoldView>,
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

/// Shows what each device of a plan would do; refusals decide the exit code.
pub async fn report(
    context: &Context,
    targets: &Targets<'_>,
    plan: DrainPlan,
    fleet: bool,
) -> Result<Exit, CliError> {
    let plan = plan.refuse_over_budget();
    let preview = Preview::new(targets, &plan, false).await;
    let terminal = context.terminal;
    let shown = (fleet && !context.output.is_json())
        .then(|| (preview.table(terminal.colour), preview.consequence()));
    let mut results = vec![];
    for (row, device) in plan.devices().iter().enumerate() {
        let error = preview.error(row).cloned();
        results.push(DryRun::of(context, targets, &plan, (row, device), error).await?);
    }
    let exit = Exit::of(results.iter().filter_map(|result| result.item.failure()));
    if context.output.is_json() {
        versioned(
            context.output,
            &Document {
                dry_run: true,
                results,
            },
        )?;
        return Ok(exit);
    }
    if let Some((table, consequence)) = &shown {
        terminal::table(table, terminal)?;
        if let Some(consequence) = consequence {
            line("")?;
            result_paragraph(consequence)?;
        }
    }
    for result in &results {
        for text in result.text.iter().filter(|_| !fleet) {
            result_paragraph(text)?;
        }
        if let Some(error) = result.item.failure() {
            report_error(error, context.output, context.verbose);
        }
    }
    line("Nothing was sent.")?;
    Ok(exit)
}

impl DryRun {
    async fn of(
        context: &Context,
        targets: &Targets<'_>,
        plan: &DrainPlan,
        (row, device): (usize, &PlannedDrain),
        error: Option<CliError>,
    ) -> Result<Self, CliError> {
        let starts = device.starts();
        let refused = error.map(|error| targets.refused(row, device.subject.as_deref(), error));
        let (subject, item) = match (&device.subject, refused) {
            (Some(subject), Some(item)) => {
                let text = unchanged(subject, false).text().to_owned();
                (subject, item.saying(text))
            }
            (Some(subject), None) => (subject, unchanged(subject, starts)),
            (None, item) => {
                let absent = || targets.refused(row, None, CliError::not_found("it is not there"));
                return Ok(Self::unread(item.unwrap_or_else(absent)));
            }
        };
        let mut dry_run = Self::around(context, subject, item).await?;
        let options = plan.options();
        if starts {
            let announced = format!("  {}", announce(subject, options));
            dry_run.text.insert(1, announced);
        }
        if let DrainAction::Update(_) = device.action {
            let changes = options.amendments(&subject.head().drain, subject.now);
            let view = |change| AmendmentView::new(change, subject.now);
            dry_run.amends(changes.iter().map(view).collect());
        }
        if matches!(
            device.action,
            DrainAction::Start(_) | DrainAction::Update(_)
        ) {
            dry_run.simulate(context, plan, device, subject).await?;
        }
        Ok(dry_run)
    }

    async fn simulate(
        &mut self,
        context: &Context,
        plan: &DrainPlan,
        device: &PlannedDrain,
        subject: &Subject,
    ) -> Result<(), CliError> {
        let instructions = plan.instructions(&context.fleet(), device)?;
        let payer = context.fee_payer()?.pubkey();
        let ledger = context.client.ledger();
        match ledger.simulate(&instructions, &payer).await {
            Ok(simulation) => self.cost(&simulation),
            Err(error) => {
                let action = Some(Action::Drain);
                let error = explain_sent(context, subject, action, error.into()).await;
                self.item = self.item.clone().but(error);
            }
        }
        Ok(())
    }

    fn unread(item: Item) -> Self {
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

    /// What stands in the way, whether it blocks or not.
    async fn around(context: &Context, subject: &Subject, item: Item) -> Result<Self, CliError> {
        let location = &subject.location.account;
        let budget = Budget {
            location: location.code.clone(),
            activated: location.head.activated,
            min_activated: location.head.min_activated,
            draining: draining_at(context, &subject.location.address).await?,
        };
        let live = || subject.head().live_holds(subject.now);
        let mut text = vec![item.text().to_owned()];
        text.push(format!(
            "  sessions: {}",
            count(subject.head().sessions, "open session")
        ));
        text.extend(live().map(|hold| format!("  hold: {}", describe_hold(hold, subject.now))));
        text.push(format!("  {budget}"));
        Ok(Self {
            sessions: Some(subject.head().sessions),
            holds: live().map(HoldView::new).collect(),
            budget: Some(budget),
            text,
            ..Self::unread(item)
        })
    }

    fn amends(&mut self, changes: Vec<AmendmentView>) {
        let texts = changes.iter();
        self.text
            .extend(texts.map(|change| format!("  change of {}", change.text())));
        self.changes = changes;
    }

    fn cost(&mut self, simulation: &Simulation) {
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
fn unchanged(subject: &Subject, start: bool) -> Item {
    let (action, code, status) = (Action::Drain.as_str(), subject.code(), subject.status());
    if start {
        let text = format!("{code}: {status} → draining");
        let mut item = Item::unchanged(action, code, status.as_str(), text);
        item.to = ProvisioningStatus::Draining.as_str().into();
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
