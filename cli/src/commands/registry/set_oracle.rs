//! `ebb registry set-oracle`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value,
        render::{self, registry::CODE},
        workflow::registry::set_oracle::{set_oracle, ACTION},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Set the key that reports the health of any device
///
/// The old key can report no more; what it reported stays. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb registry set-oracle <PUBKEY>")]
pub struct Args {
    /// The new health oracle
    #[arg(value_name = "PUBKEY", value_parser = value::pubkey)]
    oracle: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = set_oracle(&args.oracle, context).await;
    render::report_item(context, ACTION, CODE, item)
}
