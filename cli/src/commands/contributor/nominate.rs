//! `ebb contributor nominate`

use {
    crate::{
        context::{
            resolve,
            role::{choose, Roles},
            Context,
        },
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{self, refusal::suspended, Item},
        workflow::{
            idempotent::{self, Precheck},
            key_field::{KeyField, KeyOrClear},
        },
    },
    ebb_sdk::{
        client::Keyed,
        instruction,
        lifecycle::{check_nominate, OWNERS},
        state::Contributor,
    },
    solana_sdk::signer::Signer,
};

const ACTION: &str = "nominate";

/// Nominate a contributor's next authority
///
/// Nothing changes hands until the nominee accepts. A new nomination replaces an earlier one. Signed by the
/// contributor's authority unless it is suspended, or by the authority for a contributor that lost its key.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  ebb contributor nominate co01 <PUBKEY>
  ebb contributor nominate co01 --clear")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    #[command(flatten)]
    nominee: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    let result = idempotent::apply(
        || precheck(&args, context),
        |found| nominate(&args, found, context),
    );
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(
    args: &Args,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, &args.contributor).await?;
    let already = field(&found.account).unchanged(args.nominee.key());
    Ok(Precheck::unless(already, found))
}

async fn nominate(
    args: &Args,
    found: Keyed<Contributor>,
    context: &Context,
) -> Result<Item, CliError> {
    let nominee = args.nominee.key();
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
    let submission = context.send(&[instruction]).await?;
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
