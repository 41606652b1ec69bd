//! `ebb device list`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::filter::FilterArgs,
    render::{self, device::DeviceView},
    workflow::device::select::select,
};

const EXAMPLES: &str = "\
Examples:
  ebb device list
  ebb device list --status draining --contributor co01
  ebb device list --without-status retired --location ams
  ebb device list --overdue --output json";

/// List devices; draining ones with their sessions and deadline
///
/// Users notice nothing. The column sessions is `12/128` (open/capacity), for a draining device `12 of 96
/// left`; the column since shows for how long a device has been in its status. `drained` is a draining device
/// without sessions.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
}

/// Lists.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let selected = select(context, &args.filter).await?;
    render::list(context, DeviceView::all(&selected), &selected.unreadable).await
}
