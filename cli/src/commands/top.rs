//! `ebb top`

use {
    crate::{
        error::{CliError, Exit},
        input::{filter::FilterArgs, server},
        workflow::{origin::Origin, top::top},
    },
    std::time::Duration,
};

/// How long the screen has after a signal to be left: on a busy machine a moment is not enough.
pub const GRACE: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "\
Examples:
  ebb top
  ebb top --location ams --contributor co01
  ebb top --status draining
  ebb top --server http://127.0.0.1:8080";

/// Watch drains on a full screen, with the command to copy for each
///
/// Users notice nothing, and nothing is changed. Devices that drain come first, each with the sessions left of those at
/// its start, the time to its deadline and its planned return. Of the device that is selected it says who drains it
/// and why, which holds it has, and which commands its status allows. Outages of the ledger or the server are waited
/// for, and the screen says how old it is.
///
/// `?` lists the keys, `q` quits. It needs a terminal with a screen: else use `ebb device list` or `ebb device watch`.
#[derive(clap::Args, Debug)]
#[command(args = server::asking(), after_long_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
}

/// Shows devices until a key or a signal ends it.
pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    top(origin, &args.filter).await?;
    Ok(Exit::DONE)
}
