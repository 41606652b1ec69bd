//! `ebb device get`

use {
    super::subject,
    crate::{
        context::Context,
        error::{CliError, Exit},
        output,
        value::{self, Identifier},
    },
};

const EXAMPLES: &str = "\
Examples:
  ebb device get ams-dz001
  ebb device get ams-dz001 --output json | jq .sessions";

/// Show all there is to know of a device, its drain and its live holds
///
/// Users notice nothing.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,
}

/// Shows.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let subject = subject::read(context, &args.device).await?;
    output::show(context, &subject::view(&subject))
}
