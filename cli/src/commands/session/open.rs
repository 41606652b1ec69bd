//! `ebb session open`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render,
        workflow::session::open::{open, ACTION},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Open a user's session on a device
///
/// Works while the device is activated, not dead and below its max_sessions. Signed by the device's agent; the rent
/// comes from --fee-payer and goes back there when the session closes.
#[derive(clap::Args, Debug)]
#[command(
    args = crate::input::signing::signing(),
    after_long_help = "Examples:\n  ebb session open ams-dz001 --user <PUBKEY> --keypair agent.json"
)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// The user's key
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    user: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = open(&args.device, &args.user, context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
