//! Setting a location's disruption budget.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{client::Keyed, instruction, state::Location},
    solana_sdk::signer::Signer,
};

/// The verb as results name it.
pub const ACTION: &str = "set-budget";

/// Sets the fewest devices that drains leave activated at a location.
pub async fn set_budget(
    location: &Identifier,
    wanted: u32,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(location, wanted, context),
        |found| perform(wanted, found, context),
    )
    .await
}

async fn precheck(
    location: &Identifier,
    wanted: u32,
    context: &Context,
) -> Result<Precheck<Keyed<Location>>, CliError> {
    let found = resolve::location(context, location).await?;
    let code = &found.account.code;
    let already = (found.account.head.min_activated == wanted).then(|| {
        let text = format!("{code}: drains leave at least {wanted} activated already");
        Item::unchanged(ACTION, code, &*wanted.to_string(), text)
    });
    Ok(Precheck::unless(already, found))
}

async fn perform(wanted: u32, found: Keyed<Location>, context: &Context) -> Result<Item, CliError> {
    let (code, before) = (&found.account.code, found.account.head.min_activated);
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction =
        instruction::set_budget(context.program_id(), &signer, &found.address, wanted);
    let submission = context.submit(&[instruction]).await?;
    let text = format!("{code}: drains now leave at least {wanted} activated, before {before}");
    let (from, to) = (before.to_string(), wanted.to_string());
    Ok(Item::changed(ACTION, code, &*from, &*to, &submission, text))
}
