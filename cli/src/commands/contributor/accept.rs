//! `ebb contributor accept`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::contributor::accept::{accept, ACTION},
};

/// Become a contributor's authority, as its nominee
///
/// From then on the old key has no role for its devices, nor has the operator that it set. Works while the
/// contributor is suspended. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb contributor accept co01 --keypair next.json")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = accept(&args.contributor, context).await;
    render::report_item(context, ACTION, args.contributor.to_string(), item)
}
