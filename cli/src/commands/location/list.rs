//! `ebb location list`

use crate::{
    error::{CliError, Exit},
    input::server,
    render,
    workflow::origin::Origin,
};

/// List locations, and how many devices each can spare
#[derive(clap::Args, Debug)]
#[command(
    args = server::asking(),
    after_long_help = "Examples:\n  ebb location list\n  ebb location list --output json-compact"
)]
pub struct Args {}

pub async fn run(_: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let (locations, unreadable) = origin.reader().locations().await?;
    render::list(origin.format(), locations.iter().map(Ok), &unreadable)
}
