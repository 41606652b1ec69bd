//! `ebb contributor suspend`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    workflow::contributor::suspension::set_suspended,
};

/// Suspend a contributor: from then on it only moves towards safety
///
/// It can still drain, release holds, evict, set agents and its operator, retire and remove. It cannot register, hold,
/// update, undrain or nominate. Users stay connected, and its activated devices go on serving them. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(
    args = crate::input::signing::signing(),
    after_long_help = "Examples:\n  ebb contributor suspend co01\n  ebb contributor suspend co01 --yes"
)]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    set_suspended(&args.contributor, true, context).await
}
