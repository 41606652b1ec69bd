//! `ebb disk-key get`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            disk_path::path,
            value::{self, Identifier},
        },
        workflow::disk_key::{
            export::{export, KeyExport},
            store::{SecretArgs, StoreArgs},
        },
    },
    std::path::PathBuf,
};

/// Take a disk's key out of the store
///
/// The key goes to a new file that only its user can read, or into a pipe, and never to a terminal. With --output json
/// the pipe gets an object whose `key_base64` it is. It stays in the store. A copy that is not destroyed with it makes the attestation of its destruction untrue.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb disk-key get ams-dz001 /dev/nvme0n1p3 --out luks.key
  ebb disk-key get ams-dz001 /dev/nvme0n1p3 | cryptsetup open /dev/nvme0n1p3 data --key-file -")]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// Where on the device
    #[arg(value_parser = path)]
    path: String,

    /// File to write the key to, which must not exist
    #[arg(short, long, value_name = "FILE", value_parser = value::path_parser())]
    out: Option<PathBuf>,

    #[command(flatten)]
    secret: SecretArgs,

    #[command(flatten)]
    store: StoreArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let wanted = KeyExport {
        device: &args.device,
        path: &args.path,
        out: args.out.as_deref(),
        secret: &args.secret,
        store: &args.store,
    };
    export(&wanted, context).await
}
