//! `ebb device undrain`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        workflow::device::step,
    },
    ebb_sdk::lifecycle::Action,
};

const EXAMPLES: &str = "\
Examples:
  ebb device undrain ams-dz001";

/// Bring draining devices back into service
///
/// Users may open sessions again; those that are open stay. Signed by the contributor, its operator or the authority. Leaves
/// Draining only, drained or not; refused while the contributor is suspended or the device's health is unhealthy
/// or dead.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    step::each(context, Action::Undrain, args.devices).await
}
