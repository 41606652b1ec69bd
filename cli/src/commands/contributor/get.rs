//! `ebb contributor get`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render,
    },
    ebb_sdk::json::ContributorJson,
};

/// Show a contributor: its keys and its devices
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  ebb contributor get co01\n  ebb contributor get co01 --output json"
)]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let found = resolve::contributor(context, &args.contributor).await?;
    render::show(context, &ContributorJson::from(found))
}
