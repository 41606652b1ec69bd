//! `ebb location list`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        render,
    },
    ebb_sdk::json::LocationJson,
};

/// List locations, and how many devices each can spare
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  ebb location list\n  ebb location list --output json-compact"
)]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let listing = context.client.locations().await?;
    let (views, unreadable) = render::views(listing, LocationJson::from, |view| view.code.clone());
    render::list(context, views.iter().map(Ok), &unreadable).await
}
