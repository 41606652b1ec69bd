//! `ebb registry accept`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        render::{self, registry::CODE, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::{check_nominee, KeyField},
        },
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::signer::Signer,
};

const ACTION: &str = "accept";

/// Become the authority, as its nominee
///
/// From then on the old authority's key has no role. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb registry accept --keypair next.json")]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let result = idempotent::apply(|| precheck(context), |registry| accept(registry, context));
    render::report_item(context, ACTION, CODE, result.await)
}

async fn precheck(context: &Context) -> Result<Precheck<Registry>, CliError> {
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    let already = field(&registry).unchanged(Some(&signer));
    Ok(Precheck::unless(already, registry))
}

async fn accept(registry: Registry, context: &Context) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    check_nominee(CODE, &registry.nominee, &signer)?;
    let instruction = instruction::accept_authority(context.program_id(), &signer);
    let submission = context.send(&[instruction]).await?;
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
