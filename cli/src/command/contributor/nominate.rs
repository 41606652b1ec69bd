//! `ebb contributor nominate`

use {
    crate::{
        command::key_field::{KeyField, KeyOrClear},
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve,
        role::Roles,
        value::{self, Identifier},
    },
    ebb_sdk::{instruction, Role},
    solana_sdk::signer::Signer,
};

const ACTION: &str = "nominate";

/// Nominate a contributor's next authority
///
/// Nothing changes hands until the nominee accepts. A new nomination replaces an earlier one. Signed by the
/// contributor's authority, or by the authority for a contributor that lost its key.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  ebb contributor nominate co01 <PUBKEY>
  ebb contributor nominate co01 --clear")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    #[command(flatten)]
    nominee: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    output::settle(context, ACTION, code, nominate(&args, context).await)
}

async fn nominate(args: &Args, context: &Context) -> Result<Item, CliError> {
    let found = resolve::contributor(context, &args.contributor).await?;
    let nominee = args.nominee.key();
    let field = KeyField {
        action: ACTION,
        code: &found.account.code,
        name: "nominee",
        before: &found.account.head.nominee,
    };
    if let Some(item) = field.unchanged(nominee) {
        return Ok(item);
    }
    let registry = resolve::registry(context).await?;
    let program_id = context.program_id();
    let signer = context.signer()?.pubkey();
    let roles = Roles {
        program_id,
        contributor: &found,
        registry: &registry,
    };
    let credential = roles.choose(&signer, &[Role::Contributor, Role::Authority], false)?;
    let instruction = instruction::nominate_contributor_authority(
        program_id,
        &signer,
        &found.address,
        &credential.address,
        nominee,
    )?;
    let receipt = context.send(&[instruction]).await?;
    Ok(field.changed(nominee, &receipt))
}
