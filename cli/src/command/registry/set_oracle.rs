//! `ebb registry set-oracle`

use {
    super::CODE,
    crate::{
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve, role, value,
    },
    ebb_sdk::instruction,
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
    output::settle(context, ACTION, CODE, set(&args.oracle, context).await)
}

async fn set(oracle: &Pubkey, context: &Context) -> Result<Item, CliError> {
    let registry = resolve::registry(context).await?;
    if registry.health_oracle == *oracle {
        let text = format!("the health oracle is {oracle} already");
        return Ok(Item::unchanged(ACTION, CODE, oracle.to_string(), text));
    }
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::set_health_oracle(context.program_id(), &signer, oracle)?;
    let receipt = context.send(&[instruction]).await?;
    let text = format!("set the health oracle to {oracle}");
    let before = registry.health_oracle.to_string();
    Ok(Item::changed(
        ACTION,
        CODE,
        before,
        oracle.to_string(),
        &receipt,
        text,
    ))
}
