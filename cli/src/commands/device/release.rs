//! `ebb device release`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::device::release::{release, ACTION},
};

const EXAMPLES: &str = "\
Examples:
  ebb device release ams-dz001
  ebb device release ams-dz001 4";

/// Release a hold before it expires
///
/// It no longer keeps the device from draining or retiring.
///
/// Users notice nothing. Signed by who placed it, by the contributor or its operator unless the authority placed
/// it, or by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// The hold's number; not needed where only one is yours to release
    #[arg(value_name = "ID", value_parser = value::number)]
    id: Option<u32>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = release(&args.device, args.id, context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
