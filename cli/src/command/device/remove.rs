//! `ebb device remove`

use {
    super::{
        step::{self, Taken},
        subject::Subject,
    },
    crate::{
        confirm::confirm,
        context::Context,
        error::{CliError, Exit, Kind},
        output::{Item, Report},
        role::Credential,
        value::{self, Identifier},
    },
    ebb_sdk::{instruction::remove_device, lifecycle::Action},
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

    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Removes.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let devices = step::distinct(args.devices);
    context.require_single(devices.len() == 1, "several devices are named")?;
    let mut asked = vec![];
    let mut consequences = vec![];
    for device in &devices {
        let found = ask(context, device).await?;
        if let Ok((subject, _)) = &found {
            consequences.push(consequence(context, subject).await?);
        }
        asked.push(found);
    }
    if !consequences.is_empty() {
        confirm(context, args.yes, &consequences.join(" "))?;
    }
    let mut report = Report::new(context);
    for (device, found) in devices.iter().zip(asked) {
        report.push(match found {
            Ok((subject, credential)) => remove(context, device, &subject, &credential).await?,
            Err(item) => *item,
        })?;
    }
    report.finish()
}

/// The device and the role in which it may be removed, or what is reported instead.
async fn ask(
    context: &Context,
    device: &Identifier,
) -> Result<Result<(Subject, Credential), Box<Item>>, CliError> {
    let failed = |subject: Option<&Subject>, error| {
        Box::new(step::failed(
            Action::Remove.as_str(),
            device,
            subject.map(Subject::head),
            error,
        ))
    };
    let subject = match Subject::read(context, device).await {
        Ok(subject) => subject,
        Err(error) => return Ok(Err(failed(None, error))),
    };
    match step::ask(context, &subject, Action::Remove, false).await {
        Ok(Taken::Allowed(credential)) => Ok(Ok((subject, credential))),
        Ok(Taken::Already) => Ok(Err(Box::new(step::already(Action::Remove, &subject)))),
        Err(error) if error.kind() == Kind::Usage => Err(error),
        Err(error) => Ok(Err(failed(Some(&subject), error))),
    }
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
    device: &Identifier,
    subject: &Subject,
    credential: &Credential,
) -> Result<Item, CliError> {
    let instruction = remove_device(
        context.program_id(),
        &context.signer()?.pubkey(),
        &subject.device.address,
        &subject.location.address,
        &subject.contributor.address,
        &subject.head().payer,
        &credential.address,
        subject.expect(),
    )?;
    Ok(
        match step::send(context, subject, Action::Remove, instruction).await {
            Ok(sent) => sent.item(Action::Remove, subject.code()),
            Err(error) => {
                step::failed(Action::Remove.as_str(), device, Some(subject.head()), error)
            }
        },
    )
}
