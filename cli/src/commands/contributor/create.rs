//! `ebb contributor create`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::value,
        render::{self, contributor::standing, Item},
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

const ACTION: &str = "create";

/// Admit a contributor, which can then register devices
///
/// Its authority key signs for it from then on. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb contributor create co01 --authority <PUBKEY>")]
pub struct Args {
    /// Its code
    #[arg(value_name = "CODE", value_parser = value::code)]
    code: String,

    /// The key that signs for it
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    authority: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.code.clone();
    let result = idempotent::apply(|| precheck(&args, context), |()| create(&args, context));
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(args: &Args, context: &Context) -> Result<Precheck<()>, CliError> {
    let address = pda::contributor(context.program_id(), &args.code).0;
    Ok(match context.client.contributor(&address).await? {
        Some(found) => Precheck::from(existing(&found.account, &args.authority)?),
        None => Precheck::Pending(()),
    })
}

async fn create(args: &Args, context: &Context) -> Result<Item, CliError> {
    let Args { code, authority } = args;
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let wanted = CreateContributor {
        code: code.as_str().into(),
        authority: *authority,
    };
    let payer = context.fee_payer()?.pubkey();
    let instruction =
        instruction::create_contributor(context.program_id(), &signer, &payer, wanted)?;
    let submission = context.send(&[instruction]).await?;
    let text = format!("{code}: created; its authority is {authority}");
    Ok(Item::changed(
        ACTION,
        code,
        None::<&str>,
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
