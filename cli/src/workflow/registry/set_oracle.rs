//! Setting the health oracle.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        render::{registry::CODE, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "set-oracle";

/// Sets the key that reports the health of any device.
pub async fn set_oracle(oracle: &Pubkey, context: &Context) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(oracle, context),
        |registry| perform(oracle, registry, context),
    )
    .await
}

async fn precheck(oracle: &Pubkey, context: &Context) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    let already = (registry.health_oracle == *oracle).then(|| {
        let text = format!("the health oracle is {oracle} already");
        Item::unchanged(ACTION, CODE, &*oracle.to_string(), text)
    });
    Ok(Precheck::unless(already, registry))
}

async fn perform(oracle: &Pubkey, registry: Registry, context: &Context) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::set_health_oracle(context.program_id(), &signer, oracle)?;
    let submission = context.submit(&[instruction]).await?;
    let text = format!("set the health oracle to {oracle}");
    let before = registry.health_oracle.to_string();
    Ok(Item::changed(
        ACTION,
        CODE,
        &*before,
        &*oracle.to_string(),
        &submission,
        text,
    ))
}
