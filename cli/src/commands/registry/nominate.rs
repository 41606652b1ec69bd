//! `ebb registry nominate`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        render::{self, registry::CODE, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::{KeyField, KeyOrClear},
        },
    },
    ebb_sdk::{instruction, state::Registry},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const ACTION: &str = "nominate";

/// Nominate the next authority
///
/// Nothing changes hands until the nominee accepts. A new nomination replaces an earlier one. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  ebb registry nominate <PUBKEY>\n  ebb registry nominate --clear"
)]
pub struct Args {
    #[command(flatten)]
    nominee: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let nominee = args.nominee.key();
    let result = idempotent::apply(
        || precheck(nominee, context),
        |registry| nominate(nominee, registry, context),
    );
    render::report_item(context, ACTION, CODE, result.await)
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

async fn nominate(
    nominee: Option<&Pubkey>,
    registry: Registry,
    context: &Context,
) -> Result<Item, CliError> {
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::nominate_authority(context.program_id(), &signer, nominee)?;
    let submission = context.send(&[instruction]).await?;
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
