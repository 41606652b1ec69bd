//! `ebb device retire`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        workflow::device::retire::retire,
    },
    ebb_sdk::fleet::RunOptions,
    std::time::Duration,
};

const EXAMPLES: &str = "\
Examples:
  ebb device retire ams-dz001
  ebb device retire ams-dz001 --wait
  ebb device retire ams-dz001 ld4-dz01 --yes --output json";

/// Take devices out of service for good
///
/// No user is cut off: a device with sessions is refused, and this verb never starts a drain. A drained device
/// goes to Retiring, and on to Retired when it has no disk key; else each custodian first attests that their
/// disk keys are destroyed, and with the last one the device is Retired by itself. Signed by the contributor or
/// the authority; a dead device that is still activated by the authority only. It cannot be undone.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,

    /// Wait for what is missing
    ///
    /// For sessions to leave, pending tasks to end, disk keys to be destroyed.
    #[arg(long)]
    wait: bool,

    /// How long to wait at most
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::duration, requires = "wait")]
    timeout: Option<Duration>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let options = RunOptions {
        wait: args.wait,
        timeout: args.timeout,
        rolling: None,
    };
    retire(args.devices, options, context).await
}
