//! Setting the policy.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        render::{registry::CODE, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::signer::Signer,
};

/// The verb as results name it.
pub const ACTION: &str = "set-policy";

/// Sets whether only healthy devices enter service.
pub async fn set_policy(wanted: bool, context: &Context) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(wanted, context),
        |registry| perform(wanted, registry, context),
    )
    .await
}

async fn precheck(wanted: bool, context: &Context) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    let already = (registry.require_healthy == wanted).then(|| {
        let text = format!("the policy require_healthy is {wanted} already");
        Item::unchanged(ACTION, CODE, &*wanted.to_string(), text)
    });
    Ok(Precheck::unless(already, registry))
}

async fn perform(wanted: bool, registry: Registry, context: &Context) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::set_policy(context.program_id(), &signer, wanted);
    let submission = context.submit(&[instruction]).await?;
    let text = format!("set the policy require_healthy to {wanted}");
    let (from, to) = ((!wanted).to_string(), wanted.to_string());
    Ok(Item::changed(ACTION, CODE, &*from, &*to, &submission, text))
}
