//! A nominee becomes a contributor's authority.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        terminal::status,
        workflow::{
            idempotent::{self, Precheck},
            key_field::{check_nominee, KeyField},
        },
    },
    ebb_sdk::{
        client::Keyed,
        instruction,
        state::{present, Contributor},
    },
    solana_sdk::signer::Signer,
};

/// The verb as results name it.
pub const ACTION: &str = "accept";

/// Makes the signer a contributor's authority, as its nominee.
pub async fn accept(contributor: &Identifier, context: &Context) -> Result<Item, CliError> {
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
    let signer = context.signer()?.pubkey();
    let already = field(&found.account).unchanged(Some(&signer));
    Ok(Precheck::unless(already, found))
}

async fn perform(found: Keyed<Contributor>, context: &Context) -> Result<Item, CliError> {
    let Contributor { head, code } = &found.account;
    let signer = context.signer()?.pubkey();
    check_nominee(code, &head.nominee, &signer)?;
    let instruction =
        instruction::accept_contributor_authority(context.program_id(), &signer, &found.address);
    let submission = context.submit(&[instruction]).await?;
    if let Some(operator) = present(&head.operator) {
        status(format!(
            "{code} has no operator any more, as {operator} was the old authority's: ebb contributor set-operator {code} PUBKEY"
        ));
    }
    Ok(field(&found.account).changed(Some(&signer), &submission))
}

fn field(contributor: &Contributor) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: &contributor.code,
        name: "authority",
        before: &contributor.head.authority,
    }
}
