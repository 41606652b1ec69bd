//! `ebb registry get`

use crate::{
    error::{CliError, Exit},
    input::server,
    render,
    workflow::origin::Origin,
};

/// Show the registry: authority, health oracle, policy
#[derive(clap::Args, Debug)]
#[command(
    args = server::asking(),
    after_long_help = "Examples:\n  ebb registry get\n  ebb registry get --output json"
)]
pub struct Args {}

pub async fn run(_: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let registry = origin.reader().registry().await?;
    render::show(origin.format(), &registry)
}
