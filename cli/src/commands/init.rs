//! `ebb init`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value,
        render,
        workflow::registry::init::{init, ACTION, CODE},
    },
    ebb_sdk::instruction::Initialize,
    solana_sdk::pubkey::Pubkey,
};

/// Create the registry, once for each deployment of the program
///
/// The signer must be the program's upgrade authority, so nobody can be faster. From then on the authority admits
/// contributors and locations, and activates devices.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb init
  ebb init --authority <PUBKEY> --health-oracle <PUBKEY> --require-healthy")]
pub struct Args {
    /// Who runs the network; defaults to the signer
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    authority: Option<Pubkey>,

    /// Who reports devices' health; else the signer
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    health_oracle: Option<Pubkey>,

    /// Activate only devices that were reported healthy
    ///
    /// By the health oracle or the authority.
    #[arg(long)]
    require_healthy: bool,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = init(context, |signer| Initialize {
        authority: args.authority.unwrap_or(*signer),
        health_oracle: args.health_oracle.unwrap_or(*signer),
        require_healthy: args.require_healthy,
    });
    render::report_item(context, ACTION, CODE, item.await)
}
