//! `ebb contributor set-operator`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{self, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::{KeyField, KeyOrClear},
        },
    },
    ebb_sdk::{client::Keyed, instruction, state::Contributor},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const ACTION: &str = "set-operator";

/// Set the key that runs a contributor's drains
///
/// The operator drains, undrains, holds, releases and evicts for the contributor, and does nothing else. An earlier
/// operator's key loses the role. Signed by the contributor's authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
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
    let result = idempotent::apply(
        || precheck(&args, context),
        |found| set(args.operator.key(), found, context),
    );
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(
    args: &Args,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, &args.contributor).await?;
    let already = field(&found.account).unchanged(args.operator.key());
    Ok(Precheck::unless(already, found))
}

async fn set(
    operator: Option<&Pubkey>,
    found: Keyed<Contributor>,
    context: &Context,
) -> Result<Item, CliError> {
    let Contributor { head, code } = &found.account;
    let signer = context.signer()?.pubkey();
    role::require(
        &signer,
        &head.authority,
        &format!("contributor {code}'s authority"),
    )?;
    let instruction =
        instruction::set_operator(context.program_id(), &signer, &found.address, operator)?;
    let submission = context.send(&[instruction]).await?;
    Ok(field(&found.account).changed(operator, &submission))
}

fn field(contributor: &Contributor) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: &contributor.code,
        name: "operator",
        before: &contributor.head.operator,
    }
}
