//! `ebb registry get`

use crate::{
    context::{resolve, Context},
    error::{CliError, Exit},
    render::{self, registry::RegistryView},
};

/// Show the registry: authority, health oracle, policy
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  ebb registry get\n  ebb registry get --output json")]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let registry = resolve::registry(context).await?;
    let view = RegistryView::new(context.program_id(), &registry);
    render::document(context, &view, &view.fields())
}
