//! `ebb device remove`

use {
    super::{
        several,
        step::{self, Attempt, Step},
        subject::Subject,
    },
    crate::{
        confirm::confirm,
        context::Context,
        error::{CliError, Exit, Kind},
        output::Item,
        race::{self, Look},
        value::{self, Identifier},
    },
    ebb_sdk::{
        instruction::{remove_device, Expect},
        lifecycle::Action,
    },
    solana_sdk::{native_token::LAMPORTS_PER_SOL, signer::Signer},
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
    let devices = step::distinct(args.devices);
    context.require_single(devices.len() == 1, "several devices are named")?;
    let attempts = Attempt::all(devices.clone());
    let looks = several::prepare(context, Action::Remove, &devices, async {
        let mut looks = vec![];
        let mut consequences = vec![];
        for attempt in &attempts {
            let look = step::look(context, Action::Remove, attempt).await;
            match &look {
                Ok(Look::Open((subject, _))) => {
                    consequences.push(consequence(context, subject).await?);
                }
                Ok(Look::Already(_)) => {}
                Err(error) if error.kind() == Kind::Usage => return Err(error.clone()),
                Err(_) => {}
            }
            looks.push(look);
        }
        if !consequences.is_empty() {
            confirm(context, &consequences.join(" "))?;
        }
        Ok(looks)
    })
    .await?;
    let removals = attempts
        .iter()
        .zip(looks)
        .map(|(attempt, look)| async move {
            let result = match look {
                Ok(first) => remove(context, attempt, first).await,
                Err(error) => Err(error),
            };
            attempt.settled(Action::Remove, result)
        });
    several::report_all(context, Action::Remove, &attempts, removals).await
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

async fn remove(
    context: &Context,
    attempt: &Attempt,
    first: Look<(Subject, Step)>,
) -> Result<Item, CliError> {
    let look = || step::look(context, Action::Remove, attempt);
    race::settle_from(first, look, |(subject, step)| async move {
        let instruction = remove_device(
            context.program_id(),
            &context.signer()?.pubkey(),
            &subject.device.address,
            &subject.location.address,
            &subject.contributor.address,
            &subject.head().payer,
            &step.credential.address,
            Expect::as_read(subject.head()),
        );
        let sent = step::send(
            context,
            &subject,
            Action::Remove,
            step.to,
            instruction,
            attempt,
        )
        .await?;
        Ok(sent.item(Action::Remove, subject.code()))
    })
    .await
}
