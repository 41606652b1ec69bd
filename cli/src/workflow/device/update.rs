//! Changing a device's address, capacity or location.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::{self, Identifier},
        render::{device_table::lost_proof, Item},
        workflow::{
            idempotent::{self, Precheck},
            refusal::{explain, explain_sent},
        },
    },
    ebb_sdk::{
        client::Keyed,
        fleet::Subject,
        instruction::{update_device, UpdateDevice},
        lifecycle::{check_update_device, CONTRIBUTOR},
        state::Location,
    },
    solana_sdk::signer::Signer,
    std::net::Ipv4Addr,
};

/// The verb as results name it.
pub const ACTION: &str = "update";

/// Changes what differs from how a device is.
pub async fn update(
    device: &Identifier,
    wanted: &Wanted,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(device, wanted, context),
        |(subject, changes)| perform(subject, changes, context),
    )
    .await
}

/// What may be changed.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = true)]
pub struct Wanted {
    /// Its IPv4 address
    #[arg(long, value_name = "IP", value_parser = value::public_ip)]
    public_ip: Option<Ipv4Addr>,

    /// The most sessions it takes; not below those open
    #[arg(long, value_name = "N", value_parser = value::max_sessions)]
    max_sessions: Option<u32>,

    /// The location it moves to; a pending device only
    #[arg(long, value_name = "CODE", value_parser = value::identifier)]
    location: Option<Identifier>,
}

/// What differs from how the device is.
struct DeviceChanges {
    args: UpdateDevice,
    location: Option<Keyed<Location>>,
    text: Vec<String>,
}

async fn precheck(
    device: &Identifier,
    wanted: &Wanted,
    context: &Context,
) -> Result<Precheck<(Subject, DeviceChanges)>, CliError> {
    let subject = resolve::subject(context, device).await?;
    let changes = changes(context, &subject, wanted).await?;
    let already = changes.text.is_empty().then(|| {
        let (code, status) = (subject.code(), subject.status().as_str());
        Item::unchanged(ACTION, code, status, format!("{code}: already up to date"))
    });
    Ok(Precheck::unless(already, (subject, changes)))
}

async fn perform(
    subject: Subject,
    changes: DeviceChanges,
    context: &Context,
) -> Result<Item, CliError> {
    let (code, status) = (subject.code(), subject.status().as_str());
    let signer = context.signer()?.pubkey();
    let credential = role::choose_for(context, &subject, &signer, CONTRIBUTOR)
        .map_err(|error| error.at(code))?;
    let contributor = &subject.contributor.account.head;
    let checked = check_update_device(
        subject.head(),
        credential.role,
        contributor,
        &changes.args,
        changes.location.is_some(),
    );
    if let Err(rule) = checked {
        return Err(explain(context, &subject, None, rule).await);
    }
    let relocation = changes
        .location
        .as_ref()
        .map(|to| (&subject.location.address, &to.address));
    let proof_is_voided = changes.args.public_ip.is_some() || relocation.is_some();
    let instruction = update_device(
        context.program_id(),
        &signer,
        &subject.device.address,
        &subject.contributor.address,
        relocation,
        changes.args,
    )?;
    let submission = match context.submit(&[instruction]).await {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let mut text = format!("{code}: {}", changes.text.join(", "));
    if proof_is_voided {
        text.push_str(lost_proof(&subject));
    }
    Ok(Item::changed(
        ACTION,
        code,
        status,
        status,
        &submission,
        text,
    ))
}

async fn changes(
    context: &Context,
    subject: &Subject,
    wanted: &Wanted,
) -> Result<DeviceChanges, CliError> {
    let device = &subject.device.account;
    let mut text = vec![];
    let public_ip = wanted.public_ip.filter(|ip| *ip != device.public_ip());
    if let Some(ip) = public_ip {
        text.push(format!("public ip {} → {ip}", device.public_ip()));
    }
    let max_sessions = wanted
        .max_sessions
        .filter(|most| *most != device.head.max_sessions);
    if let Some(most) = max_sessions {
        text.push(format!(
            "max sessions {} → {most}",
            device.head.max_sessions
        ));
    }
    let mut location = None;
    if let Some(identifier) = &wanted.location {
        let to = resolve::location(context, identifier).await?;
        if to.address != subject.location.address {
            text.push(format!(
                "location {} → {}",
                subject.location.account.code, to.account.code
            ));
            location = Some(to);
        }
    }
    let args = UpdateDevice {
        expect: subject.expect_shown(context.is_prepared()),
        public_ip: public_ip.map(|ip| ip.octets()),
        max_sessions,
    };
    Ok(DeviceChanges {
        args,
        location,
        text,
    })
}
