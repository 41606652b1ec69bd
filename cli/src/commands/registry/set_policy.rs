//! `ebb registry set-policy`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{self, registry::CODE},
        workflow::registry::set_policy::{set_policy, ACTION},
    },
    clap::ArgAction,
};

/// Set what a device must show before it serves users
///
/// With require_healthy, a device is activated or undrained only if the health oracle or the authority reported it
/// healthy since its status last changed. Devices in service stay as they are. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb registry set-policy --require-healthy true")]
pub struct Args {
    /// Whether to activate healthy devices only
    #[arg(long, value_name = "true|false", hide_possible_values = true, action = ArgAction::Set, required = true)]
    require_healthy: bool,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = set_policy(args.require_healthy, context).await;
    render::report_item(context, ACTION, CODE, item)
}
