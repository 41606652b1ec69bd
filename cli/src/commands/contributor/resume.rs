//! `ebb contributor resume`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::contributor::resume::{resume, ACTION},
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
    let item = resume(&args.contributor, context).await;
    render::report_item(context, ACTION, args.contributor.to_string(), item)
}
