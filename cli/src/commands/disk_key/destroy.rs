//! `ebb disk-key destroy`

use crate::{
    context::Context,
    error::{CliError, Exit},
    workflow::disk_key::{destroy::destroy, destruction::Choice, store::SecretArgs},
};

/// Destroy disks' keys and attest that on chain
///
/// Works while the device is retiring; before that nothing is touched. A key is first overwritten and removed from the
/// store, and then attested: run again, a destruction that was cut short is completed. With the last key the device is
/// retired by itself. A key that is in the store and not registered is destroyed at any time, with nothing to attest.
/// Copies elsewhere are yours to destroy: of file systems that keep old blocks, of backups, of `ebb disk-key get`.
/// It takes the store's passphrase or identity, which signs the record of the destruction and verifies earlier ones.
///
/// Nothing is attested that this store did not destroy, unless you vouch for it with --destroyed-elsewhere. That is for
/// keys that are lost, or that another store or a hardware module destroyed; a key in the store with another commitment
/// than the registered one is then left there. Signed by the custodian.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb disk-key destroy ams-dz001 /dev/nvme0n1p3
  ebb disk-key destroy ams-dz001 --all --yes --passphrase-file pass.txt
  ebb disk-key destroy ams-dz001 data --destroyed-elsewhere --custodian custodian.json")]
pub struct Args {
    #[command(flatten)]
    choice: Choice,

    #[command(flatten)]
    secret: SecretArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    destroy(&args.choice, &args.secret, context).await
}
