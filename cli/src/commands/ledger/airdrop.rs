//! `ebb ledger airdrop`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value,
        render::{self, Item},
    },
    solana_sdk::{native_token::sol_str_to_lamports, pubkey::Pubkey, signer::Signer},
};

const ACTION: &str = "airdrop";

/// Give an account lamports on the embedded ledger
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  ebb ledger airdrop 10 --url embedded
  ebb ledger airdrop 0.5 <PUBKEY> --url embedded")]
pub struct Args {
    /// How many SOL
    #[arg(value_name = "SOL", value_parser = lamports)]
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
                None::<&str>,
                format!("{} lamports", args.lamports),
                Some(&signature),
                text,
            )
        });
    render::report_item(context, ACTION, to.to_string(), given)
}

fn lamports(text: &str) -> Result<u64, String> {
    sol_str_to_lamports(text)
        .filter(|lamports| *lamports > 0)
        .ok_or_else(|| "not an amount of SOL above zero, as in 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sol_are_exact() {
        assert_eq!(lamports("0.5"), Ok(500_000_000));
        assert_eq!(lamports("10"), Ok(10_000_000_000));
        for wrong in ["0", "-1", "x", ""] {
            assert!(lamports(wrong).is_err(), "{wrong}");
        }
    }
}
