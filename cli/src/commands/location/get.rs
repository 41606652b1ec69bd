//! `ebb location get`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render,
    },
    ebb_sdk::json::LocationJson,
};

/// Show a location: where it is, and how many devices it can spare
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  ebb location get ams\n  ebb location get ams --output json"
)]
pub struct Args {
    /// The location
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    location: Identifier,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let found = resolve::location(context, &args.location).await?;
    render::show(context, &LocationJson::from(found))
}
