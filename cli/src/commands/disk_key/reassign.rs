//! `ebb disk-key reassign`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            disk_path::path,
            value::{self, Identifier},
        },
        render::{self, Report},
        workflow::disk_key::reassign::{reassign, ACTION},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Make another key the custodian of a disk key
///
/// For a custodian that is gone: the new one must attest the destruction all the same. No key leaves any store; if the
/// new custodian never had it, it vouches with `ebb disk-key destroy CODE PATH --destroyed-elsewhere`. Signed by the
/// authority.
#[derive(clap::Args, Debug)]
#[command(
    args = crate::input::signing::signing(),
    after_long_help = "Examples:\n  ebb disk-key reassign ams-dz001 /dev/nvme0n1p3 --custodian <PUBKEY>"
)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// Where on the device
    #[arg(value_parser = path)]
    path: String,

    /// The new custodian
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    custodian: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let result = reassign(&args.device, &args.path, &args.custodian, context).await;
    let item = render::as_item(ACTION, args.device.to_string(), result)?;
    let mut report = Report::new(context);
    report.push(item.on(args.path));
    report.finish()
}
