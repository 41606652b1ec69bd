//! Removing devices.

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::Identifier,
        workflow::device::{step, targets::Targets},
    },
    ebb_sdk::{
        fleet::{Permission, Subject},
        lifecycle::Action,
    },
    solana_sdk::native_token::LAMPORTS_PER_SOL,
};

/// Removes devices, after a confirmation.
pub async fn remove(devices: Vec<Identifier>, context: &Context) -> Result<Exit, CliError> {
    let targets = Targets::named(context, Action::Remove, devices);
    context.require_single(targets.len() == 1, "several devices are named")?;
    let plan = targets
        .prepare(async {
            let plan = targets.plan_step().await?;
            let mut consequences = vec![];
            for device in plan.devices() {
                if let (Ok(Permission::Granted { .. }), Some(subject)) =
                    (&device.permission, &device.subject)
                {
                    consequences.push(consequence(context, subject).await?);
                }
            }
            if !consequences.is_empty() {
                context.confirm(&consequences.join(" "))?;
            }
            Ok(plan)
        })
        .await?;
    step::take(context, &targets, plan).await
}

/// What goes, in a sentence.
async fn consequence(context: &Context, subject: &Subject) -> Result<String, CliError> {
    let account = context
        .client
        .ledger()
        .accounts(&[subject.device.address])
        .await?;
    let lamports = account
        .into_iter()
        .flatten()
        .next()
        .map_or(0, |account| account.lamports);
    Ok(format!(
        "The account of {} ({}, {} at {}) will be closed, and its rent of {} SOL goes back to {}. Its code may \
         be registered again.",
        subject.code(),
        subject.head().device_type,
        subject.contributor.account.code,
        subject.location.account.code,
        lamports as f64 / LAMPORTS_PER_SOL as f64,
        subject.head().payer
    ))
}
