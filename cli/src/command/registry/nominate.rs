//! `ebb registry nominate`

use {
    super::CODE,
    crate::{
        command::key_field::{KeyField, KeyOrClear},
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve, role,
    },
    ebb_sdk::instruction,
    solana_sdk::signer::Signer,
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
    output::settle(context, ACTION, CODE, nominate(args, context).await)
}

async fn nominate(args: Args, context: &Context) -> Result<Item, CliError> {
    let registry = resolve::registry(context).await?;
    let nominee = args.nominee.key();
    let field = KeyField {
        action: ACTION,
        code: CODE,
        name: "nominee",
        before: &registry.nominee,
    };
    if let Some(item) = field.unchanged(nominee) {
        return Ok(item);
    }
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::nominate_authority(context.program_id(), &signer, nominee)?;
    let receipt = context.send(&[instruction]).await?;
    Ok(field.changed(nominee, &receipt))
}
