//! `ebb device create`

use {
    super::{refusal::suspended, rows::Row},
    crate::{
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        race::{self, Look},
        resolve,
        role::Roles,
        value::{self, Identifier},
    },
    ebb_sdk::{
        client::Keyed,
        instruction::create_device,
        lifecycle::CONTRIBUTOR,
        pda,
        state::{Contributor, Device, DeviceType, Location, ProvisioningStatus, Registry},
        EbbError,
    },
    serde_json::Value,
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::net::Ipv4Addr,
};

const EXAMPLES: &str = "\
Examples:
  ebb device create ams-dz001 --contributor co01 --location ams --type hybrid --public-ip 195.219.138.50 \\
    --max-sessions 128";

/// The verb as results name it.
pub const ACTION: &str = "create";

/// Register a device; it is pending, and users notice nothing until it is activated
///
/// Signed by the contributor. Registering the same device with the same values again changes nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Its code: 1 to 32 of a-z 0-9 . _ -, beginning with a letter or digit
    #[arg(value_parser = value::code)]
    code: String,

    /// Who owns it
    #[arg(long, value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    /// Where it stands
    #[arg(long, value_name = "CODE", value_parser = value::identifier)]
    location: Identifier,

    /// What it does in the network: hybrid, transit or edge
    #[arg(long = "type", value_name = "TYPE")]
    device_type: DeviceType,

    /// Its IPv4 address
    #[arg(long, value_name = "IP", value_parser = value::public_ip)]
    public_ip: Ipv4Addr,

    /// The most sessions it takes
    #[arg(long, value_name = "N", value_parser = value::max_sessions)]
    max_sessions: u32,

    /// The key of the controller that runs for it; may be set later with `ebb device set-agent`
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    agent: Option<Pubkey>,
}

/// Creates.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.code.clone();
    let result = race::settle(|| look(&args, context), |wanted| create(wanted, context));
    output::settle(context, ACTION, code, result.await)
}

/// A device that is not there, and what it names.
struct Wanted {
    row: Row,
    contributor: Keyed<Contributor>,
    location: Keyed<Location>,
}

async fn look(args: &Args, context: &Context) -> Result<Look<Wanted>, CliError> {
    let contributor = resolve::contributor(context, &args.contributor).await?;
    let location = resolve::location(context, &args.location).await?;
    let row = Row {
        code: args.code.clone(),
        contributor: contributor.account.code.clone(),
        location: location.account.code.clone(),
        device_type: args.device_type,
        public_ip: args.public_ip,
        max_sessions: args.max_sessions,
        agent: args.agent,
    };
    let address = pda::device(context.program_id(), &row.code).0;
    Ok(match context.client.device(&address).await? {
        Some(found) => Look::from(existing(&row, &found.account, &contributor, &location)?),
        None => Look::Open(Wanted {
            row,
            contributor,
            location,
        }),
    })
}

async fn create(wanted: Wanted, context: &Context) -> Result<Item, CliError> {
    let Wanted {
        row,
        contributor,
        location,
    } = wanted;
    let signer = context.signer()?.pubkey();
    let registry = resolve::registry(context).await?;
    may_create(context, &contributor, &registry, &signer)?;
    let instruction = create_device(
        context.program_id(),
        &signer,
        &context.fee_payer()?.pubkey(),
        &contributor.address,
        &location.address,
        row.args(),
    )?;
    let receipt = context
        .send(&[instruction])
        .await
        .map_err(|error| error.at(&row.code))?;
    let text = format!("{}: pending", row.code);
    Ok(Item::changed(
        ACTION,
        &*row.code,
        Value::Null,
        "pending",
        &receipt,
        text,
    ))
}

/// What is reported of a device whose code is taken: nothing to do if it is the same device.
///
/// # Errors
/// [`EbbError::AlreadyExists`], naming what differs, or that it is on its way out.
pub fn existing(
    row: &Row,
    found: &Device,
    contributor: &Keyed<Contributor>,
    location: &Keyed<Location>,
) -> Result<Item, CliError> {
    let status = found.head.provisioning_status;
    if matches!(
        status,
        ProvisioningStatus::Retiring | ProvisioningStatus::Retired
    ) {
        return Err(CliError::refused(EbbError::AlreadyExists)
            .because(format!(
                "it is {status}, and its code is free once it is retired and removed"
            ))
            .at(&row.code)
            .hint(format!("to remove it: ebb device remove {}", row.code)));
    }
    let differences = row.differences(found, &contributor.address, &location.address);
    if !differences.is_empty() {
        return Err(CliError::refused(EbbError::AlreadyExists)
            .because(format!("it differs in {}", differences.join(", ")))
            .at(&row.code)
            .hint(format!("to change it: ebb device update {}", row.code)));
    }
    let text = format!("{} exists already and is {status}", row.code);
    Ok(Item::unchanged(ACTION, &*row.code, status.as_str(), text))
}

/// Whether the signer may register devices for a contributor.
///
/// # Errors
/// [`EbbError::Unauthorized`], [`EbbError::RoleNotAllowed`], [`EbbError::ContributorSuspended`]
pub fn may_create(
    context: &Context,
    contributor: &Keyed<Contributor>,
    registry: &Registry,
    signer: &Pubkey,
) -> Result<(), CliError> {
    let roles = Roles {
        program_id: context.program_id(),
        contributor,
        registry,
    };
    roles.choose(signer, CONTRIBUTOR, false)?;
    if contributor.account.head.suspended {
        return Err(CliError::refused(EbbError::ContributorSuspended)
            .because(suspended(&contributor.account.code)));
    }
    Ok(())
}
