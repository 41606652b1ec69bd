//! `ebb contributor resume`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{self, contributor::standing, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{client::Keyed, instruction, state::Contributor},
    solana_sdk::signer::Signer,
};

const ACTION: &str = "resume";

/// End a contributor's suspension
///
/// It can register, hold, update and undrain again. No device changes by itself. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb contributor resume co01")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    let result = idempotent::apply(
        || precheck(&args.contributor, context),
        |found| resume(found, context),
    );
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(
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
    let submission = context.send(&[instruction]).await?;
    let text = format!("{code}: resumed");
    let (before, after) = (standing(true), standing(false));
    Ok(Item::changed(
        ACTION,
        code,
        before,
        after,
        &submission,
        text,
    ))
}
