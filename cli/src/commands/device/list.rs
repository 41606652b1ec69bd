//! `ebb device list`

use crate::{
    error::{CliError, Exit},
    input::{filter::FilterArgs, server},
    render,
    workflow::origin::Origin,
};

const EXAMPLES: &str = "\
Examples:
  ebb device list
  ebb device list --status draining --contributor co01
  ebb device list --without-status retired --location ams
  ebb device list --overdue --output json
  ebb device list --server http://127.0.0.1:8080";

/// List devices; drains with their deadlines
///
/// Users notice nothing. The column sessions is `12/128` (open/capacity), for a draining device `12 of 96
/// left`; the column since shows for how long a device has been in its status. `drained` is a draining device
/// without sessions.
#[derive(clap::Args, Debug)]
#[command(args = server::asking(), after_long_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let devices = origin.reader().devices(&args.filter).await?;
    render::list(origin.format(), devices.views(), &devices.unreadable)
}
