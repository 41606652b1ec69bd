//! Admitting a contributor.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        render::{contributor::standing, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{
        instruction::{self, CreateContributor},
        pda,
        state::Contributor,
        EbbError,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "create";

/// Admits a contributor, unless it is there with that authority.
pub async fn create(code: &str, authority: &Pubkey, context: &Context) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(code, authority, context),
        |()| perform(code, authority, context),
    )
    .await
}

async fn precheck(
    code: &str,
    authority: &Pubkey,
    context: &Context,
) -> Result<Precheck<()>, CliError> {
    let address = pda::contributor(context.program_id(), code).0;
    Ok(match context.client.contributor(&address).await? {
        Some(found) => Precheck::from(existing(&found.account, authority)?),
        None => Precheck::Pending(()),
    })
}

async fn perform(code: &str, authority: &Pubkey, context: &Context) -> Result<Item, CliError> {
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let wanted = CreateContributor {
        code: code.into(),
        authority: *authority,
    };
    let payer = context.fee_payer()?.pubkey();
    let instruction =
        instruction::create_contributor(context.program_id(), &signer, &payer, wanted)?;
    let submission = context.submit(&[instruction]).await?;
    let text = format!("{code}: created; its authority is {authority}");
    Ok(Item::changed(
        ACTION,
        code,
        None,
        standing(false),
        &submission,
        text,
    ))
}

/// What to say of a contributor that is there already.
fn existing(found: &Contributor, authority: &Pubkey) -> Result<Item, CliError> {
    let code = &found.code;
    if found.head.authority == *authority {
        let text = format!("{code}: exists already, as asked");
        return Ok(Item::unchanged(
            ACTION,
            code,
            standing(found.head.suspended),
            text,
        ));
    }
    Err(CliError::refused(EbbError::AlreadyExists)
        .because(format!("{code} has the authority {}", found.head.authority))
        .hint(format!(
            "hand it over with: ebb contributor nominate {code} {authority}"
        )))
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::state::ContributorHead};

    #[test]
    fn one_of_another_authority_is_not_the_one_asked_for() {
        let [ours, theirs] = [1, 2].map(|byte| Pubkey::new_from_array([byte; 32]));
        let found = Contributor {
            head: ContributorHead::new(ours, 255),
            code: "co01".into(),
        };
        assert!(!existing(&found, &ours).unwrap().changed);
        let error = existing(&found, &theirs).unwrap_err();
        assert!(error.is_refusal(EbbError::AlreadyExists));
        assert!(error.to_string().contains(&ours.to_string()));
    }
}
