//! `ebb contributor resume`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    workflow::contributor::suspension::set_suspended,
};

/// End a contributor's suspension
///
/// It can register, hold, update and undrain again. No device changes by itself. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb contributor resume co01")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    set_suspended(&args.contributor, false, context).await
}
