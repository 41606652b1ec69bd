//! `ebb location get`

use crate::{
    error::{CliError, Exit},
    input::{
        server,
        value::{self, Identifier},
    },
    render,
    workflow::origin::Origin,
};

/// Show a location and how many devices it can spare
#[derive(clap::Args, Debug)]
#[command(
    args = server::asking(),
    after_long_help = "Examples:\n  ebb location get ams\n  ebb location get ams --output json"
)]
pub struct Args {
    /// The location
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    location: Identifier,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let found = origin.reader().location(&args.location).await?;
    render::show(origin.format(), &found)
}
