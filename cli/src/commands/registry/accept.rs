//! `ebb registry accept`

use crate::{
    context::Context,
    error::{CliError, Exit},
    render::{self, registry::CODE},
    workflow::registry::accept::{accept, ACTION},
};

/// Become the authority, as its nominee
///
/// From then on the old authority's key has no role. Signed by the nominee.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb registry accept --keypair next.json")]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let item = accept(context).await;
    render::report_item(context, ACTION, CODE, item)
}
