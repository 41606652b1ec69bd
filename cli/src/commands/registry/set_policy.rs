//! `ebb registry set-policy`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        render::{self, registry::CODE, Item},
        workflow::idempotent::{self, Precheck},
    },
    clap::ArgAction,
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::signer::Signer,
};

const ACTION: &str = "set-policy";

/// Set what a device must show before it serves users
///
/// With require_healthy, a device is activated or undrained only if the health oracle or the authority reported it
/// healthy since its status last changed. Devices in service stay as they are. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb registry set-policy --require-healthy true")]
pub struct Args {
    /// Whether activation asks for proven health
    #[arg(long, value_name = "true|false", action = ArgAction::Set, required = true)]
    require_healthy: bool,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let wanted = args.require_healthy;
    let result = idempotent::apply(
        || precheck(wanted, context),
        |registry| set(wanted, registry, context),
    );
    render::report_item(context, ACTION, CODE, result.await)
}

async fn precheck(wanted: bool, context: &Context) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    let already = (registry.require_healthy == wanted).then(|| {
        let text = format!("the policy require_healthy is {wanted} already");
        Item::unchanged(ACTION, CODE, wanted.to_string(), text)
    });
    Ok(Precheck::unless(already, registry))
}

async fn set(wanted: bool, registry: Registry, context: &Context) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::set_policy(context.program_id(), &signer, wanted);
    let submission = context.send(&[instruction]).await?;
    let text = format!("set the policy require_healthy to {wanted}");
    let (from, to) = ((!wanted).to_string(), wanted.to_string());
    Ok(Item::changed(ACTION, CODE, from, to, &submission, text))
}
