//! What a drain would do and what stands in its way, with nothing sent.

use {
    super::{
        amendment::{amendments, Amendment},
        announce::announce,
        plan::{consequence, preview},
        request::{Request, Wish},
    },
    crate::{
        command::device::{
            refusal::{draining_at, explain_sent, DrainingDevice},
            subject::Subject,
        },
        context::Context,
        error::{CliError, Exit},
        output::{self, line, report_error, result_paragraph, versioned, Item},
        view::{device::HoldView, device_table::describe_hold, time::count},
    },
    ebb_sdk::{ledger::Simulation, lifecycle::Action, state::ProvisioningStatus},
    serde::Serialize,
    solana_sdk::native_token::LAMPORTS_PER_SOL,
};

/// Everything, as JSON.
#[derive(Serialize)]
struct Document {
    dry_run: bool,
    results: Vec<DryRun>,
}

/// What would become of one device.
#[derive(Serialize)]
struct DryRun {
    #[serde(flatten)]
    item: Item,
    sessions: Option<u32>,
    holds: Vec<HoldView>,
    /// What would change in the record of a drain that runs.
    changes: Vec<Amendment>,
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

/// Shows what each request would do; refusals decide the exit code.
pub async fn report(
    context: &Context,
    requests: Vec<Request>,
    wish: &Wish,
    fleet: bool,
) -> Result<Exit, CliError> {
    let terminal = context.terminal;
    let shown = (fleet && !context.output.is_json()).then(|| {
        (
            preview(&requests, wish, false, terminal.colour),
            consequence(&requests, wish, false),
        )
    });
    let mut results = vec![];
    for request in requests {
        results.push(DryRun::of(context, request, wish).await?);
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
        output::table(table, terminal)?;
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
    async fn of(context: &Context, request: Request, wish: &Wish) -> Result<Self, CliError> {
        let instructions = request.instructions(context, wish)?;
        let start = matches!(request, Request::Start(..));
        let update = matches!(request, Request::Update(..));
        let (subject, item) = match request {
            Request::Failed(item, None) => return Ok(Self::unread(item)),
            Request::Failed(item, Some(subject)) => {
                let text = unchanged(&subject, false).text().to_owned();
                (*subject, item.saying(text))
            }
            Request::Start(subject, _)
            | Request::Update(subject, _)
            | Request::Attach(subject, _) => {
                let item = unchanged(&subject, start);
                (subject, item)
            }
        };
        let mut dry_run = Self::around(context, &subject, item).await?;
        if start {
            dry_run
                .text
                .insert(1, format!("  {}", announce(&subject, wish)));
        }
        if update {
            dry_run.amends(amendments(wish, &subject.head().drain, subject.now));
        }
        if instructions.is_empty() {
            return Ok(dry_run);
        }
        let payer = context.fee_payer()?.pubkey();
        match context
            .client
            .ledger()
            .simulate(&instructions, &payer)
            .await
        {
            Ok(simulation) => dry_run.cost(&simulation),
            Err(error) => {
                let error =
                    explain_sent(context, &subject, Some(Action::Drain), error.into()).await;
                dry_run.item = dry_run.item.but(error);
            }
        }
        Ok(dry_run)
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

    fn amends(&mut self, changes: Vec<Amendment>) {
        let told = changes
            .iter()
            .map(|change| format!("  change of {}", change.text()));
        self.text.extend(told);
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
