//! Setting a contributor's operator.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        workflow::{
            idempotent::{self, Precheck},
            key_field::KeyField,
        },
    },
    ebb_sdk::{client::Keyed, instruction, state::Contributor},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "set-operator";

/// Sets a contributor's operator, or clears it.
pub async fn set_operator(
    contributor: &Identifier,
    operator: Option<&Pubkey>,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(contributor, operator, context),
        |found| perform(operator, found, context),
    )
    .await
}

async fn precheck(
    contributor: &Identifier,
    operator: Option<&Pubkey>,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let already = field(&found.account).unchanged(operator);
    Ok(Precheck::unless(already, found))
}

async fn perform(
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
    let submission = context.submit(&[instruction]).await?;
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
