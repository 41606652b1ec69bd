//! `ebb device remove`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    workflow::device::remove::remove,
};

const EXAMPLES: &str = "\
Examples:
  ebb device remove ams-dz001
  ebb device remove ams-dz001 --yes";

/// Remove retired devices
///
/// Their accounts are closed and the rent goes back to who paid it.
///
/// Users notice nothing: a retired device has no sessions and no disk keys. Its code may be registered again.
/// Signed by the contributor or the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    remove(args.devices, context).await
}
