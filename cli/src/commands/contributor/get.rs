//! `ebb contributor get`

use crate::{
    error::{CliError, Exit},
    input::{
        server,
        value::{self, Identifier},
    },
    render,
    workflow::origin::Origin,
};

/// Show a contributor: its keys and its devices
#[derive(clap::Args, Debug)]
#[command(
    args = server::asking(),
    after_long_help = "Examples:\n  ebb contributor get co01\n  ebb contributor get co01 --output json"
)]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let found = origin.reader().contributor(&args.contributor).await?;
    render::show(origin.format(), &found)
}
