//! `ebb disk-key list`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    workflow::disk_key::{
        list::list,
        store::{SecretArgs, StoreArgs},
    },
};

/// List disk keys, on chain and in the store
///
/// Of one device or of all.
///
/// STORE says `same`, or: in-store-only (its registration was cut short, or another custodian attested its
/// destruction), on-chain-only (another store holds it), commitment-mismatch, other-custodian (it was reassigned),
/// earlier-registration (of a device that was removed), destroyed-not-attested (a destruction was cut short). No
/// passphrase is needed, and no key is shown. Records are verified by the store's own public key; with the passphrase
/// or identity it is checked that this is whose store it is.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb disk-key list
  ebb disk-key list ams-dz001 --output json")]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Option<Identifier>,

    #[command(flatten)]
    secret: SecretArgs,

    #[command(flatten)]
    store: StoreArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    list(args.device.as_ref(), &args.secret, &args.store, context).await
}
