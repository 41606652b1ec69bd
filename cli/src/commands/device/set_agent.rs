//! `ebb device set-agent`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            secret::KeyArg,
            value::{self, Identifier},
        },
        render,
        workflow::device::set_agent::{set_agent, ACTION},
    },
    solana_sdk::pubkey::Pubkey,
};

const EXAMPLES: &str = "\
Examples:
  ebb device set-agent ams-dz001 4Nd1mYw5hMtMNFdMpgWvKyBTF8FjTTy1yBvWyGcBZCmS
  ebb device set-agent ams-dz001 4Nd1mYw5hMtMNFdMpgWvKyBTF8FjTTy1yBvWyGcBZCmS --old-agent agent.json";

/// Set the key that opens and closes a device's sessions
///
/// It is the key of the device's controller.
///
/// Sessions that are open stay. While there are any, a contributor needs the old agent's signature too. If that
/// key is lost: drain the device, wait for the deadline, evict, then set a new agent. Another agent voids a proof of
/// health, so where the policy asks for one the device must be reported healthy again before it enters service.
/// Signed by the contributor or the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// The new agent
    #[arg(value_name = "PUBKEY", value_parser = value::pubkey)]
    agent: Pubkey,

    /// The old agent's key, written as for --keypair
    #[arg(long, value_name = "KEYPAIR")]
    old_agent: Option<KeyArg>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = set_agent(&args.device, &args.agent, args.old_agent.as_ref(), context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
