//! `ebb device activate`

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
  ebb device activate ams-dz001
  ebb device activate ams-dz001 ld4-dz01";

/// Put pending devices into service: users may open sessions
///
/// Signed by the authority. Leaves Pending only; a draining device comes back with `ebb device undrain`.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    step::each(context, Action::Activate, args.devices).await
}
