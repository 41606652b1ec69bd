//! Before drains start: which devices, what happens to their users, and whether to go on.

use {
    crate::{
        context::Context,
        error::{CliError, Kind},
        input::{filter::FilterArgs, value::Identifier},
        render::drain::{announce::announce, text::named},
        terminal::{paragraph, status, status_table, stderr_colour},
        workflow::{
            device::{select::select, targets::Targets},
            drain::preview::preview,
        },
    },
    ebb_sdk::{
        fleet::{DrainPlan, Found, PlannedDrain, RunOptions},
        lifecycle::Action,
        state::ProvisioningStatus,
    },
};

/// Reads each device that is named or chosen, each once.
pub async fn read<'a>(
    devices: Vec<Identifier>,
    mut filter: FilterArgs,
    context: &'a Context,
) -> Result<(Targets<'a>, Vec<Found>), CliError> {
    if devices.is_empty() {
        if filter.status.is_empty() {
            filter.status = vec![ProvisioningStatus::Activated, ProvisioningStatus::Draining];
        }
        let selected = select(context, &filter).await?;
        let found = selected.found(&context.fleet()).await?;
        return Ok((Targets::chosen(context, Action::Drain), found));
    }
    if filter != FilterArgs::default() {
        return Err(CliError::usage("devices named by CODE are not filtered")
            .hint("choose them with --all or --location instead"));
    }
    let targets = Targets::named(context, Action::Drain, devices);
    let found = targets.read().await;
    Ok((targets, found))
}

/// Shows what will happen to the users.
pub async fn announce_plan(targets: &Targets<'_>, plan: &DrainPlan, rolling: bool, fleet: bool) {
    if fleet {
        let preview = preview(targets, plan, rolling).await;
        status_table(&preview.table(stderr_colour()));
        if let Some(consequence) = preview.consequence() {
            status("");
            paragraph(consequence);
        }
        return;
    }
    let starts = plan.to_start(rolling).find(|device| device.starts());
    if let Some(subject) = starts.and_then(|device| device.subject.as_deref()) {
        paragraph(announce(subject, plan.options()));
    }
}

/// Asks whether to start the drains.
pub fn confirm_plan(
    options: RunOptions,
    context: &Context,
    targets: &Targets<'_>,
    plan: &DrainPlan,
) -> Result<(), CliError> {
    let codes: Vec<String> = plan
        .to_start(options.rolling.is_some())
        .map(PlannedDrain::code)
        .collect();
    if codes.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let at_a_time = match options.rolling {
        Some(max) => format!(", {max} at a time"),
        None => String::new(),
    };
    let consequence = format!("{} will be drained{at_a_time}.", named(&codes, ", "));
    context
        .confirm(&consequence)
        .map_err(|error| match error.kind() {
            Kind::Interrupted(_) => {
                let codes = targets.planned_codes(plan).into_iter();
                targets.never_started(codes, error)
            }
            _ => error,
        })
}
