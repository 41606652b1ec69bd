//! `ebb contributor accept`

use {
    crate::{
        command::key_field::{check_nominee, KeyField},
        context::Context,
        error::{CliError, Exit},
        idempotent::{self, Precheck},
        output::{self, status, Item},
        resolve,
        value::{self, Identifier},
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
/// From then on the old key has no say over its devices, and neither has the operator that it set. Works while the
/// contributor is suspended. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(args = crate::args::signing(), after_long_help = "Examples:\n  ebb contributor accept co01 --keypair next.json")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    let result = idempotent::apply(
        || look(&args.contributor, context),
        |found| accept(found, context),
    );
    output::report_item(context, ACTION, code, result.await)
}

async fn look(
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
    let receipt = context.send(&[instruction]).await?;
    if let Some(operator) = present(&head.operator) {
        status(format!(
            "{code} has no operator any more, as {operator} was the old authority's: ebb contributor set-operator {code} PUBKEY"
        ));
    }
    Ok(field(&found.account).changed(Some(&signer), &receipt))
}

fn field(contributor: &Contributor) -> KeyField<'_> {
    KeyField {
        action: ACTION,
        code: &contributor.code,
        name: "authority",
        before: &contributor.head.authority,
    }
}
