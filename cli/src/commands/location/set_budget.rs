//! `ebb location set-budget`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{self, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{client::Keyed, instruction, state::Location},
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
    #[arg(long, value_name = "NUMBER", value_parser = value::number)]
    min_activated: u32,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.location.to_string();
    let result = idempotent::apply(
        || precheck(&args, context),
        |found| set(args.min_activated, found, context),
    );
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(args: &Args, context: &Context) -> Result<Precheck<Keyed<Location>>, CliError> {
    let found = resolve::location(context, &args.location).await?;
    let (code, wanted) = (&found.account.code, args.min_activated);
    let already = (found.account.head.min_activated == wanted).then(|| {
        let text = format!("{code}: drains leave at least {wanted} activated already");
        Item::unchanged(ACTION, code, wanted.to_string(), text)
    });
    Ok(Precheck::unless(already, found))
}

async fn set(wanted: u32, found: Keyed<Location>, context: &Context) -> Result<Item, CliError> {
    let (code, before) = (&found.account.code, found.account.head.min_activated);
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction =
        instruction::set_budget(context.program_id(), &signer, &found.address, wanted);
    let submission = context.send(&[instruction]).await?;
    let text = format!("{code}: drains now leave at least {wanted} activated, before {before}");
    let (from, to) = (before.to_string(), wanted.to_string());
    Ok(Item::changed(ACTION, code, from, to, &submission, text))
}
