//! Nominating the next authority.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        render::{registry::CODE, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::KeyField,
        },
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "nominate";

/// Nominates the next authority, or nobody.
pub async fn nominate(nominee: Option<&Pubkey>, context: &Context) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(nominee, context),
        |registry| perform(nominee, registry, context),
    )
    .await
}

async fn precheck(
    nominee: Option<&Pubkey>,
    context: &Context,
) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    Ok(Precheck::unless(
        field(&registry).unchanged(nominee),
        registry,
    ))
}

async fn perform(
    nominee: Option<&Pubkey>,
    registry: Registry,
    context: &Context,
) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::nominate_authority(context.program_id(), &signer, nominee)?;
    let submission = context.submit(&[instruction]).await?;
    Ok(field(&registry).changed(nominee, &submission))
}

fn field(registry: &Registry) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: CODE,
        name: "nominee",
        before: &registry.nominee,
    }
}
