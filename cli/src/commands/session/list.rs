//! `ebb session list`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    workflow::session::list::list,
};

/// List sessions, of one device or of all
///
/// A user whom an agent of this machine knows is listed by what the device calls it, too.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb session list
  ebb session list ams-dz001 --output json")]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Option<Identifier>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    list(args.device.as_ref(), context).await
}
