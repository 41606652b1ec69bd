//! Nominating a contributor's next authority.

use {
    crate::{
        context::{
            resolve,
            role::{choose, Roles},
            Context,
        },
        error::CliError,
        input::value::Identifier,
        render::{refusal::suspended, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::KeyField,
        },
    },
    ebb_sdk::{
        client::Keyed,
        instruction,
        lifecycle::{check_nominate, OWNERS},
        state::Contributor,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "nominate";

/// Nominates a contributor's next authority, or nobody.
pub async fn nominate(
    contributor: &Identifier,
    nominee: Option<&Pubkey>,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(contributor, nominee, context),
        |found| perform(nominee, found, context),
    )
    .await
}

async fn precheck(
    contributor: &Identifier,
    nominee: Option<&Pubkey>,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let already = field(&found.account).unchanged(nominee);
    Ok(Precheck::unless(already, found))
}

async fn perform(
    nominee: Option<&Pubkey>,
    found: Keyed<Contributor>,
    context: &Context,
) -> Result<Item, CliError> {
    let registry = resolve::registry(context).await?;
    let program_id = context.program_id();
    let signer = context.signer()?.pubkey();
    let roles = Roles {
        program_id,
        contributor: &found,
        registry: &registry,
    };
    let credential = choose(&roles, &signer, OWNERS)?;
    check_nominate(&found.account.head, credential.role).map_err(|rule| {
        CliError::refused(rule)
            .because(suspended(&found.account.code))
            .hint("the authority may nominate for it")
    })?;
    let instruction = instruction::nominate_contributor_authority(
        program_id,
        &signer,
        &found.address,
        &credential.address,
        nominee,
    )?;
    let submission = context.submit(&[instruction]).await?;
    Ok(field(&found.account).changed(nominee, &submission))
}

fn field(contributor: &Contributor) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: &contributor.code,
        name: "nominee",
        before: &contributor.head.nominee,
    }
}
