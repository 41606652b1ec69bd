//! `ebb contributor set-operator`

use {
    crate::{
        command::key_field::{KeyField, KeyOrClear},
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve, role,
        value::{self, Identifier},
    },
    ebb_sdk::instruction,
    solana_sdk::signer::Signer,
};

const ACTION: &str = "set-operator";

/// Set the key that runs a contributor's drains
///
/// The operator drains, undrains, holds, releases and evicts for the contributor, and does nothing else. An earlier
/// operator's key has no say any more. Signed by the contributor's authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  ebb contributor set-operator co01 <PUBKEY>
  ebb contributor set-operator co01 --clear")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    #[command(flatten)]
    operator: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    output::settle(context, ACTION, code, set(&args, context).await)
}

async fn set(args: &Args, context: &Context) -> Result<Item, CliError> {
    let found = resolve::contributor(context, &args.contributor).await?;
    let code = &found.account.code;
    let head = &found.account.head;
    let operator = args.operator.key();
    let field = KeyField {
        action: ACTION,
        code,
        name: "operator",
        before: &head.operator,
    };
    if let Some(item) = field.unchanged(operator) {
        return Ok(item);
    }
    let signer = context.signer()?.pubkey();
    role::require(
        &signer,
        &head.authority,
        &format!("contributor {code}'s authority"),
    )?;
    let instruction =
        instruction::set_operator(context.program_id(), &signer, &found.address, operator)?;
    let receipt = context.send(&[instruction]).await?;
    Ok(field.changed(operator, &receipt))
}
