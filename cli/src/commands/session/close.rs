//! `ebb session close`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render,
        workflow::session::close::{close, ACTION},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Close a user's session on a device
///
/// The device's agent closes sessions at any time, as users leave. For the contributor, its operator and the authority
/// it is an eviction, which cuts the user off: it works once the drain's deadline has passed or the
/// device has been dead for 60 seconds.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb session close ams-dz001 --user <PUBKEY> --keypair agent.json
  ebb session close ams-dz001 --user <PUBKEY> --yes                 evict after the deadline")]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// The user's key
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    user: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = close(&args.device, &args.user, context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
