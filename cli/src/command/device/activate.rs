//! `ebb device activate`

use {
    super::step,
    crate::{
        context::Context,
        error::{CliError, Exit},
        value::{self, Identifier},
    },
    ebb_sdk::{
        instruction::{activate_device, Expect},
        lifecycle::Action,
    },
    solana_sdk::signer::Signer,
};

const EXAMPLES: &str = "\
Examples:
  ebb device activate ams-dz001
  ebb device activate ams-dz001 ld4-dz01";

/// Put pending devices into service: from now on users may open sessions
///
/// Signed by the authority. Leaves Pending only; a draining device comes back with `ebb device undrain`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,
}

/// Activates.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let signer = context.signer()?.pubkey();
    step::each(context, Action::Activate, &args.devices, |subject, _| {
        activate_device(
            context.program_id(),
            &signer,
            &subject.device.address,
            &subject.location.address,
            &subject.contributor.address,
            Expect::as_read(subject.head()),
        )
    })
    .await
}
