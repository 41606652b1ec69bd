//! `ebb registry set-oracle`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::value,
        render::{self, registry::CODE, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const ACTION: &str = "set-oracle";

/// Set the key that reports the health of any device
///
/// The old key can report no more; what it reported stays. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb registry set-oracle <PUBKEY>")]
pub struct Args {
    /// The new health oracle
    #[arg(value_name = "PUBKEY", value_parser = value::pubkey)]
    oracle: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let oracle = &args.oracle;
    let result = idempotent::apply(
        || precheck(oracle, context),
        |registry| set(oracle, registry, context),
    );
    render::report_item(context, ACTION, CODE, result.await)
}

async fn precheck(oracle: &Pubkey, context: &Context) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    let already = (registry.health_oracle == *oracle).then(|| {
        let text = format!("the health oracle is {oracle} already");
        Item::unchanged(ACTION, CODE, oracle.to_string(), text)
    });
    Ok(Precheck::unless(already, registry))
}

async fn set(oracle: &Pubkey, registry: Registry, context: &Context) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::set_health_oracle(context.program_id(), &signer, oracle)?;
    let submission = context.send(&[instruction]).await?;
    let text = format!("set the health oracle to {oracle}");
    let before = registry.health_oracle.to_string();
    Ok(Item::changed(
        ACTION,
        CODE,
        before,
        oracle.to_string(),
        &submission,
        text,
    ))
}
