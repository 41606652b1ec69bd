//! `ebb contributor resume`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        output::{self, Item},
        resolve, role,
        value::{self, Identifier},
        view::contributor::standing,
    },
    ebb_sdk::{instruction, EbbError},
    solana_sdk::signer::Signer,
};

const ACTION: &str = "resume";

/// End a contributor's suspension
///
/// It can register, hold, update and undrain again. No device changes by itself. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb contributor resume co01")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    output::settle(
        context,
        ACTION,
        code,
        resume(&args.contributor, context).await,
    )
}

async fn resume(contributor: &Identifier, context: &Context) -> Result<Item, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let code = &found.account.code;
    let already = || {
        Item::unchanged(
            ACTION,
            code,
            standing(false),
            format!("{code}: is not suspended"),
        )
    };
    if !found.account.head.suspended {
        return Ok(already());
    }
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction =
        instruction::resume_contributor(context.program_id(), &signer, &found.address)?;
    match context.send(&[instruction]).await {
        Ok(receipt) => {
            let text = format!("{code}: resumed");
            Ok(Item::changed(
                ACTION,
                code,
                standing(true),
                standing(false),
                &receipt,
                text,
            ))
        }
        // Somebody else was faster.
        Err(error) if error.is_refusal(EbbError::NotSuspended) => Ok(already()),
        Err(error) => Err(error),
    }
}
