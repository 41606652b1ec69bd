//! `ebb device hold`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render,
        workflow::device::hold::{place, ACTION},
    },
    ebb_sdk::{
        instruction::{Expect, PlaceHold, ShortString},
        state::HoldKind,
    },
};

const EXAMPLES: &str = "\
Examples:
  ebb device hold ams-dz001 --kind critical-traffic --for 2h --reason 'live broadcast'
  ebb device hold ams-dz001 --kind pending-task --for 1d --reason 'backup runs'";

/// Place a hold: for a while no drain may start on the device
///
/// Users notice nothing. critical-traffic keeps a drain from starting; pending-task does too, and keeps a drained
/// device from retiring as well. Signed by the contributor, its operator, the authority or the device's agent.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// critical-traffic or pending-task
    #[arg(long)]
    kind: HoldKind,

    /// For how long: at most 7d
    #[arg(long = "for", value_name = "DUR", allow_hyphen_values = true, value_parser = value::hold_duration)]
    seconds: u32,

    /// Why, for all to read: up to 32 bytes
    #[arg(
        long,
        value_name = "TEXT",
        value_parser = value::hold_reason,
        default_value = "",
        hide_default_value = true
    )]
    reason: String,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let wanted = PlaceHold {
        expect: Expect::default(),
        kind: args.kind,
        duration_seconds: args.seconds,
        reason: ShortString::from(args.reason.as_str()),
    };
    let item = place(&args.device, wanted, context).await;
    render::report_item(context, ACTION, args.device.to_string(), item)
}
