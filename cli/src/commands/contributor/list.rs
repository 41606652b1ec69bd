//! `ebb contributor list`

use crate::{
    error::{CliError, Exit},
    input::server,
    render,
    workflow::origin::Origin,
};

/// List contributors
#[derive(clap::Args, Debug)]
#[command(
    args = server::asking(),
    after_long_help = "Examples:\n  ebb contributor list\n  ebb contributor list --output json-compact"
)]
pub struct Args {}

pub async fn run(_: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let (contributors, unreadable) = origin.reader().contributors().await?;
    render::list(origin.format(), contributors.iter().map(Ok), &unreadable)
}
