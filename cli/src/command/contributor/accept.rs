//! `ebb contributor accept`

use {
    crate::{
        command::key_field::{check_nominee, KeyField},
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve,
        value::{self, Identifier},
    },
    ebb_sdk::instruction,
    solana_sdk::signer::Signer,
};

const ACTION: &str = "accept";

/// Become a contributor's authority, as its nominee
///
/// From then on the old key has no say over its devices. Works while it is suspended. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb contributor accept co01 --keypair next.json")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    output::settle(
        context,
        ACTION,
        code,
        accept(&args.contributor, context).await,
    )
}

async fn accept(contributor: &Identifier, context: &Context) -> Result<Item, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let code = &found.account.code;
    let head = &found.account.head;
    let signer = context.signer()?.pubkey();
    let field = KeyField {
        action: ACTION,
        code,
        name: "authority",
        before: &head.authority,
    };
    if let Some(item) = field.unchanged(Some(&signer)) {
        return Ok(item);
    }
    check_nominee(code, &head.nominee, &signer)?;
    let instruction =
        instruction::accept_contributor_authority(context.program_id(), &signer, &found.address)?;
    let receipt = context.send(&[instruction]).await?;
    Ok(field.changed(Some(&signer), &receipt))
}
