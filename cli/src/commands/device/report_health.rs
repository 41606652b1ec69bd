//! `ebb device report-health`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render,
        workflow::device::report_health::{report, ACTION},
    },
    ebb_sdk::state::Health,
};

const EXAMPLES: &str = "\
Examples:
  ebb device report-health ams-dz001 healthy
  ebb device report-health ams-dz001 unhealthy --keypair oracle.json";

/// Report a device's health
///
/// Users notice nothing: health never moves a device's status. An unhealthy or dead device cannot be put into
/// service, a dead one opens no sessions, and its sessions may be closed by others than its agent. Signed by the
/// health oracle or the authority, or by the device's agent, which may not report dead nor move a device off dead.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// unknown, healthy, unhealthy or dead
    #[arg(value_name = "HEALTH")]
    health: Health,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = report(&args.device, args.health, context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
