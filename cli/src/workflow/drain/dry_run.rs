//! What a drain would do and what blocks it, with nothing sent.

use {
    super::preview::preview,
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{
            drain::{
                amendment::AmendmentView,
                announce::announce,
                dry_run::{print_json, unchanged, DryRun},
            },
            report_error,
        },
        terminal::{self, line, result_paragraph},
        workflow::{
            device::targets::Targets,
            refusal::{draining_at, explain_sent},
        },
    },
    ebb_sdk::{
        fleet::{DrainAction, DrainPlan, PlannedDrain, Subject},
        lifecycle::Action,
    },
};

/// Shows what each device of a plan would do; refusals decide the exit code.
pub async fn report(
    context: &Context,
    targets: &Targets<'_>,
    plan: DrainPlan,
    fleet: bool,
) -> Result<Exit, CliError> {
    let plan = plan.refuse_over_budget();
    let preview = preview(targets, &plan, false).await;
    let terminal = context.terminal;
    let shown = (fleet && !context.output.is_json())
        .then(|| (preview.table(terminal.colour), preview.consequence()));
    let mut results = vec![];
    for (row, device) in plan.devices().iter().enumerate() {
        let error = preview.error(row).cloned();
        results.push(dry_run(context, targets, &plan, (row, device), error).await?);
    }
    let exit = Exit::of(results.iter().filter_map(|result| result.item.failure()));
    if context.output.is_json() {
        print_json(context.output, &results)?;
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
        for text in result.text().iter().filter(|_| !fleet) {
            result_paragraph(text)?;
        }
        if let Some(error) = result.item.failure() {
            report_error(error, context.output, context.verbose);
        }
    }
    line("Nothing was sent.")?;
    Ok(exit)
}

/// What would happen to one device.
async fn dry_run(
    context: &Context,
    targets: &Targets<'_>,
    plan: &DrainPlan,
    (row, device): (usize, &PlannedDrain),
    error: Option<CliError>,
) -> Result<DryRun, CliError> {
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
            return Ok(DryRun::unread(item.unwrap_or_else(absent)));
        }
    };
    let draining = draining_at(context, &subject.location.address).await?;
    let mut dry_run = DryRun::around(subject, draining, item);
    let options = plan.options();
    if starts {
        dry_run.announces(&announce(subject, options));
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
        simulate(&mut dry_run, context, plan, device, subject).await?;
    }
    Ok(dry_run)
}

/// Adds what the transaction would cost, or why it would be refused.
async fn simulate(
    dry_run: &mut DryRun,
    context: &Context,
    plan: &DrainPlan,
    device: &PlannedDrain,
    subject: &Subject,
) -> Result<(), CliError> {
    let instructions = plan.instructions(&context.fleet(), device)?;
    let payer = context.fee_payer()?.pubkey();
    let ledger = context.client.ledger();
    match ledger.simulate(&instructions, &payer).await {
        Ok(simulation) => dry_run.cost(&simulation),
        Err(error) => {
            let action = Some(Action::Drain);
            let error = explain_sent(context, subject, action, error.into()).await;
            dry_run.item = dry_run.item.clone().but(error);
        }
    }
    Ok(())
}
