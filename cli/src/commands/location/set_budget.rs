//! `ebb location set-budget`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::location::set_budget::{set_budget, ACTION},
};

/// Set how many devices drains leave activated: its budget
///
/// No device changes by it. With a budget above what is activated now, drains there are refused until more devices
/// are activated; undraining never is. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb location set-budget ams --min-activated 1")]
pub struct Args {
    /// The location
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    location: Identifier,

    /// Fewest devices to keep activated
    #[arg(long, value_name = "NUMBER", value_parser = value::number)]
    min_activated: u32,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = set_budget(&args.location, args.min_activated, context).await;
    render::report_item(context, ACTION, args.location.to_string(), item)
}
