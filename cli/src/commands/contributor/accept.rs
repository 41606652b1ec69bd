//! `ebb contributor accept`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{self, Item},
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

const ACTION: &str = "accept";

/// Become a contributor's authority, as its nominee
///
/// From then on the old key has no role for its devices, nor has the operator that it set. Works while the
/// contributor is suspended. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb contributor accept co01 --keypair next.json")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    let result = idempotent::apply(
        || precheck(&args.contributor, context),
        |found| accept(found, context),
    );
    render::report_item(context, ACTION, code, result.await)
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

async fn accept(found: Keyed<Contributor>, context: &Context) -> Result<Item, CliError> {
    let Contributor { head, code } = &found.account;
    let signer = context.signer()?.pubkey();
    check_nominee(code, &head.nominee, &signer)?;
    let instruction =
        instruction::accept_contributor_authority(context.program_id(), &signer, &found.address);
    let submission = context.send(&[instruction]).await?;
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
