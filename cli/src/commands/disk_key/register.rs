//! `ebb disk-key register`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::{
        disk_path::path,
        secret::KeyArg,
        value::{self, Identifier},
    },
    render::{self, Report},
    workflow::disk_key::{
        key_source::KeySource,
        register::{register, RegisterOptions, ACTION},
        store::{SecretArgs, StoreArgs},
    },
};

/// Store a disk's key and register its commitment
///
/// The key is first stored, encrypted, and then registered: run again, a registration that was cut short goes on with
/// the key that was stored. The first key makes the store, which a passphrase opens, or an age identity (--identity).
/// Later ones take it too: a store is refused that encrypts to anybody but whom its passphrase or identity derives.
/// Signed by the custodian, who will have to attest that the key is destroyed, and by the device's agent or contributor.
/// Works while the device is pending, activated or, if its contributor signs, draining; a suspended contributor
/// registers none. Users notice nothing.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb disk-key register ams-dz001 /dev/nvme0n1p3 --generate
  ebb disk-key register ams-dz001 /dev/nvme0n1p3 --key-file luks.key --passphrase-file pass.txt
  ebb disk-key register ams-dz001 data --generate --custodian custodian.json --owner agent.json")]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// Where on the device: 1 to 64 bytes, unique on it
    #[arg(value_parser = path)]
    path: String,

    #[command(flatten)]
    source: KeySource,

    #[command(flatten)]
    secret: SecretArgs,

    #[command(flatten)]
    store: StoreArgs,

    /// Who attests its destruction; else the signer
    ///
    /// It signs the registration too.
    #[arg(long, value_name = "KEYPAIR")]
    custodian: Option<KeyArg>,

    /// The device's agent or its contributor's authority
    ///
    /// Defaults to the signer.
    #[arg(long, hide_short_help = true, value_name = "KEYPAIR")]
    owner: Option<KeyArg>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let wanted = RegisterOptions {
        device: &args.device,
        path: &args.path,
        source: &args.source,
        secret: &args.secret,
        store: &args.store,
        custodian: args.custodian.as_ref(),
        owner: args.owner.as_ref(),
    };
    let result = register(&wanted, context).await;
    let item = render::as_item(ACTION, args.device.to_string(), result)?;
    let mut report = Report::new(context);
    report.push(item.on(args.path));
    report.finish()
}
