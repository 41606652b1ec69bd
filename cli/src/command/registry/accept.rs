//! `ebb registry accept`

use {
    super::CODE,
    crate::{
        command::key_field::{check_nominee, KeyField},
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve,
    },
    ebb_sdk::instruction,
    solana_sdk::signer::Signer,
};

const ACTION: &str = "accept";

/// Become the authority, as its nominee
///
/// From then on the old authority's key has no say. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb registry accept --keypair next.json")]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    output::settle(context, ACTION, CODE, accept(context).await)
}

async fn accept(context: &Context) -> Result<Item, CliError> {
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    let field = KeyField {
        action: ACTION,
        code: CODE,
        name: "authority",
        before: &registry.authority,
    };
    if let Some(item) = field.unchanged(Some(&signer)) {
        return Ok(item);
    }
    check_nominee(CODE, &registry.nominee, &signer)?;
    let instruction = instruction::accept_authority(context.program_id(), &signer)?;
    let receipt = context.send(&[instruction]).await?;
    Ok(field.changed(Some(&signer), &receipt))
}
