//! `ebb contributor suspend`

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

const ACTION: &str = "suspend";

/// Suspend a contributor: from then on it only moves towards safety
///
/// It can still drain, release holds, evict, set agents and its operator, retire and remove. It cannot register, hold,
/// update, undrain or nominate. Users stay connected, and its activated devices go on serving them. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  ebb contributor suspend co01\n  ebb contributor suspend co01 --yes"
)]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    let result = idempotent::apply(
        || precheck(&args.contributor, context),
        |found| suspend(found, context),
    );
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(
    contributor: &Identifier,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let Contributor { head, code } = &found.account;
    let already = head.suspended.then(|| {
        let text = format!("{code}: suspended already");
        Item::unchanged(ACTION, code, standing(true), text)
    });
    Ok(Precheck::unless(already, found))
}

async fn suspend(found: Keyed<Contributor>, context: &Context) -> Result<Item, CliError> {
    let code = &found.account.code;
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let consequence =
        format!("{code} will be able to drain and retire its devices only, not to bring any back.");
    context.confirm(&consequence)?;
    let instruction =
        instruction::suspend_contributor(context.program_id(), &signer, &found.address);
    let submission = context.send(&[instruction]).await?;
    let text = format!("{code}: suspended");
    let (before, after) = (standing(false), standing(true));
    Ok(Item::changed(
        ACTION,
        code,
        before,
        after,
        &submission,
        text,
    ))
}
