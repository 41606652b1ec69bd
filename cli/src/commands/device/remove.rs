//! `ebb device remove`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        workflow::device::{step, targets::Targets},
    },
    ebb_sdk::{
        fleet::{Permission, Subject},
        lifecycle::Action,
    },
    solana_sdk::native_token::LAMPORTS_PER_SOL,
};

const EXAMPLES: &str = "\
Examples:
  ebb device remove ams-dz001
  ebb device remove ams-dz001 --yes";

/// Remove retired devices: their accounts are closed and the rent goes back to who paid it
///
/// Users notice nothing: a retired device has no sessions and no disk keys. Its code may be registered again.
/// Signed by the contributor or the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,
}

/// Removes.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let targets = Targets::named(context, Action::Remove, args.devices);
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
