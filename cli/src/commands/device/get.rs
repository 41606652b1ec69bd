//! `ebb device get`

use crate::{
    error::{CliError, Exit},
    input::{
        server,
        value::{self, Identifier},
    },
    render,
    workflow::origin::Origin,
};

const EXAMPLES: &str = "\
Examples:
  ebb device get ams-dz001
  ebb device get ams-dz001 --output json | jq .sessions";

/// Show a device, its drain and its live holds
///
/// Users notice nothing.
#[derive(clap::Args, Debug)]
#[command(args = server::asking(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let device = origin.reader().device(&args.device).await?;
    render::show(origin.format(), &device)
}
