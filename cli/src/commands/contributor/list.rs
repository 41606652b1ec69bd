//! `ebb contributor list`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        render,
    },
    ebb_sdk::json::ContributorJson,
};

/// List contributors
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  ebb contributor list\n  ebb contributor list --output json-compact"
)]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let listing = context.client.contributors().await?;
    let (views, unreadable) =
        render::views(listing, ContributorJson::from, |view| view.code.clone());
    render::list(context, views.iter().map(Ok), &unreadable).await
}
