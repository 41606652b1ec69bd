//! A nominee becomes the authority.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        render::{registry::CODE, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::{check_nominee, KeyField},
        },
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::signer::Signer,
};

/// The verb as results name it.
pub const ACTION: &str = "accept";

/// Makes the signer the authority, as its nominee.
pub async fn accept(context: &Context) -> Result<Item, CliError> {
    idempotent::apply(|| precheck(context), |registry| perform(registry, context)).await
}

async fn precheck(context: &Context) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    let already = field(&registry).unchanged(Some(&signer));
    Ok(Precheck::unless(already, registry))
}

async fn perform(registry: Registry, context: &Context) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    check_nominee(CODE, &registry.nominee, &signer)?;
    let instruction = instruction::accept_authority(context.program_id(), &signer);
    let submission = context.submit(&[instruction]).await?;
    Ok(field(&registry).changed(Some(&signer), &submission))
}

fn field(registry: &Registry) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: CODE,
        name: "authority",
        before: &registry.authority,
    }
}
