//! Suspending a contributor.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        render::{contributor::standing, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{client::Keyed, instruction, state::Contributor},
    solana_sdk::signer::Signer,
};

/// The verb as results name it.
pub const ACTION: &str = "suspend";

/// Suspends a contributor, after a confirmation.
pub async fn suspend(contributor: &Identifier, context: &Context) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(contributor, context),
        |found| perform(found, context),
    )
    .await
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

async fn perform(found: Keyed<Contributor>, context: &Context) -> Result<Item, CliError> {
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
