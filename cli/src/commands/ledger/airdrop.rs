//! `ebb ledger airdrop`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value,
        render::{self, Item},
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const ACTION: &str = "airdrop";

/// Give an account lamports on the embedded ledger
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::own_key(), after_long_help = "\
Examples:
  ebb ledger airdrop 10 --url embedded
  ebb ledger airdrop 0.5 <PUBKEY> --url embedded")]
pub struct Args {
    /// How many SOL
    #[arg(value_name = "SOL", value_parser = value::lamports)]
    lamports: u64,

    /// The account; defaults to the signer
    #[arg(value_name = "PUBKEY", value_parser = value::pubkey)]
    to: Option<Pubkey>,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let ledger = context.require_embedded()?;
    let to = match args.to {
        Some(to) => to,
        None => context.signer()?.pubkey(),
    };
    let given = ledger
        .airdrop(&to, args.lamports)
        .map_err(CliError::from)
        .map(|signature| {
            let text = format!("gave {to} {} lamports", args.lamports);
            Item::written(
                ACTION,
                to.to_string(),
                None,
                &*format!("{} lamports", args.lamports),
                Some(&signature),
                text,
            )
        });
    render::report_item(context, ACTION, to.to_string(), given)
}
