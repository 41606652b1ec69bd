//! `ebb registry nominate`

use {
    super::CODE,
    crate::{
        command::key_field::{KeyField, KeyOrClear},
        context::Context,
        error::{CliError, Exit},
        idempotent::{self, Precheck},
        output::{self, Item},
        resolve, role,
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
    args = crate::args::signing(),
    after_long_help = "Examples:\n  ebb registry nominate <PUBKEY>\n  ebb registry nominate --clear"
)]
pub struct Args {
    #[command(flatten)]
    nominee: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let nominee = args.nominee.key();
    let result = idempotent::apply(
        || look(nominee, context),
        |registry| nominate(nominee, registry, context),
    );
    output::report_item(context, ACTION, CODE, result.await)
}

async fn look(nominee: Option<&Pubkey>, context: &Context) -> Result<Precheck<Registry>, CliError> {
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
    let receipt = context.send(&[instruction]).await?;
    Ok(field(&registry).changed(nominee, &receipt))
}

fn field(registry: &Registry) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: CODE,
        name: "nominee",
        before: &registry.nominee,
    }
}
