//! `ebb contributor suspend`

use {
    crate::{
        confirm::confirm,
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

const ACTION: &str = "suspend";

/// Suspend a contributor: from then on it only moves towards safety
///
/// It can still drain, release holds, evict, set agents, retire and remove. It cannot register, hold, update or
/// undrain. Users stay connected, and its activated devices go on serving them. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  ebb contributor suspend co01\n  ebb contributor suspend co01 --yes"
)]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.contributor.to_string();
    output::settle(context, ACTION, code, suspend(&args, context).await)
}

async fn suspend(args: &Args, context: &Context) -> Result<Item, CliError> {
    let found = resolve::contributor(context, &args.contributor).await?;
    let code = &found.account.code;
    let already = || {
        Item::unchanged(
            ACTION,
            code,
            standing(true),
            format!("{code}: suspended already"),
        )
    };
    if found.account.head.suspended {
        return Ok(already());
    }
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let consequence =
        format!("{code} will be able to drain and retire its devices only, not to bring any back.");
    confirm(context, args.yes, &consequence)?;
    let instruction =
        instruction::suspend_contributor(context.program_id(), &signer, &found.address)?;
    match context.send(&[instruction]).await {
        Ok(receipt) => {
            let text = format!("{code}: suspended");
            Ok(Item::changed(
                ACTION,
                code,
                standing(false),
                standing(true),
                &receipt,
                text,
            ))
        }
        // Somebody else was faster.
        Err(error) if error.is_refusal(EbbError::AlreadySuspended) => Ok(already()),
        Err(error) => Err(error),
    }
}
