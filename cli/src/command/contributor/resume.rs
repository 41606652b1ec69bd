//! `ebb contributor resume`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        idempotent::{self, Precheck},
        output::{self, Item},
        resolve, role,
        value::{self, Identifier},
        view::contributor::standing,
    },
    ebb_sdk::{client::Keyed, instruction, state::Contributor},
    solana_sdk::signer::Signer,
};

const ACTION: &str = "resume";

/// End a contributor's suspension
///
/// It can register, hold, update and undrain again. No device changes by itself. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::args::signing(), after_long_help = "Examples:\n  ebb contributor resume co01")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    let result = idempotent::apply(
        || look(&args.contributor, context),
        |found| resume(found, context),
    );
    output::report_item(context, ACTION, code, result.await)
}

async fn look(
    contributor: &Identifier,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let Contributor { head, code } = &found.account;
    let already = (!head.suspended).then(|| {
        let text = format!("{code}: is not suspended");
        Item::unchanged(ACTION, code, standing(false), text)
    });
    Ok(Precheck::unless(already, found))
}

async fn resume(found: Keyed<Contributor>, context: &Context) -> Result<Item, CliError> {
    let code = &found.account.code;
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction =
        instruction::resume_contributor(context.program_id(), &signer, &found.address);
    let receipt = context.send(&[instruction]).await?;
    let text = format!("{code}: resumed");
    let (before, after) = (standing(true), standing(false));
    Ok(Item::changed(ACTION, code, before, after, &receipt, text))
}
