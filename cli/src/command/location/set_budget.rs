//! `ebb location set-budget`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve, role,
        value::{self, Identifier},
    },
    ebb_sdk::instruction,
    solana_sdk::signer::Signer,
};

const ACTION: &str = "set-budget";

/// Set a location's disruption budget: the fewest devices that drains leave activated
///
/// No device changes by it. With a budget above what is activated now, drains there are refused until more devices
/// are activated; undraining never is. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb location set-budget ams --min-activated 1")]
pub struct Args {
    /// The location
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    location: Identifier,

    /// The fewest devices to keep activated
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = value::number)]
    min_activated: u32,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.location.to_string();
    output::settle(context, ACTION, code, set(&args, context).await)
}

async fn set(args: &Args, context: &Context) -> Result<Item, CliError> {
    let found = resolve::location(context, &args.location).await?;
    let code = &found.account.code;
    let (before, wanted) = (found.account.head.min_activated, args.min_activated);
    if before == wanted {
        let text = format!("{code}: drains leave at least {wanted} activated already");
        return Ok(Item::unchanged(ACTION, code, wanted, text));
    }
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction =
        instruction::set_budget(context.program_id(), &signer, &found.address, wanted)?;
    let receipt = context.send(&[instruction]).await?;
    let text = format!("{code}: drains now leave at least {wanted} activated, before {before}");
    Ok(Item::changed(ACTION, code, before, wanted, &receipt, text))
}
