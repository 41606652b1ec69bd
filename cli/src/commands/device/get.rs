//! `ebb device get`

use crate::{
    context::{resolve, Context},
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render::{self, device::DeviceView},
};

const EXAMPLES: &str = "\
Examples:
  ebb device get ams-dz001
  ebb device get ams-dz001 --output json | jq .sessions";

/// Show all there is to know of a device, its drain and its live holds
///
/// Users notice nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,
}

/// Shows.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let subject = resolve::subject(context, &args.device).await?;
    render::show(context, &DeviceView::of(&subject))
}
