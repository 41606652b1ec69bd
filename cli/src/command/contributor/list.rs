//! `ebb contributor list`

use crate::{
    context::Context,
    error::{CliError, Exit},
    output,
    view::contributor::ContributorView,
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
        output::views(listing, ContributorView::from, |view| view.code.clone());
    output::list(context, views.iter().map(Ok), &unreadable).await
}
