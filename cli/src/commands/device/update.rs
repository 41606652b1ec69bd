//! `ebb device update`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::device::update::{update, Wanted, ACTION},
};

const EXAMPLES: &str = "\
Examples:
  ebb device update ams-dz001 --max-sessions 256
  ebb device update ams-dz001 --public-ip 195.219.220.89
  ebb device update ams-dz001 --location fr                         while it is pending";

/// Change a device's address, capacity or location
///
/// Address and capacity while it is pending or drained, the location while it is pending.
///
/// No user notices: there are no sessions then. Another address or location voids a proof of health, so where the policy
/// asks for one the device must be reported healthy again. Signed by the contributor.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
#[group(id = "change", required = true, multiple = true, args = ["public_ip", "max_sessions", "location"])]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    #[command(flatten)]
    wanted: Wanted,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = update(&args.device, &args.wanted, context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
