//! `ebb program deploy`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{secret::KeyArg, value},
        workflow::program::deploy::deploy_program,
    },
    std::path::PathBuf,
};

/// Deploy the program, or upgrade it in place
///
/// The signer becomes the upgrade authority, or is it already, and is the one who may run `ebb init`. Run again, a
/// deployment that was cut off goes on where it stopped. Accounts stay as they are.
///
/// Without --program-keypair, the first deployment is at the development id, whose key is public: for tests only, and
/// refused on mainnet, testnet and devnet unless --program-id names it. An upgrade takes no --program-keypair, only the
/// program's --program-id.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb program deploy --url localhost
  ebb program deploy --program-keypair program.json
  ebb program deploy --program-id <PUBKEY> --elf ebb_device_registry.so")]
pub struct Args {
    /// The compiled program; defaults to ebb's own
    ///
    /// That is the one that this ebb was made with.
    #[arg(long, value_name = "FILE", value_parser = value::path_parser())]
    elf: Option<PathBuf>,

    /// The program's key, for the first deployment
    ///
    /// Written as for --keypair.
    #[arg(long, value_name = "KEYPAIR")]
    program_keypair: Option<KeyArg>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    deploy_program(args.elf.as_deref(), args.program_keypair.as_ref(), context).await
}
