//! The command line: options that every verb takes, and the verbs.

use {
    crate::{
        command,
        offline::OfflineArgs,
        output::{Output, Terminal},
        value,
    },
    clap::{
        builder::Resettable, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    },
    solana_commitment_config::CommitmentConfig,
    solana_sdk::pubkey::Pubkey,
    std::{env, ffi::OsString, path::PathBuf},
};

/// Takes network devices out of service without cutting anyone off.
///
/// A Solana program holds every device's lifecycle and decides who may move it. With `ebb`, contributors drain a
/// device, watch it empty, and bring it back or retire it.
#[derive(Parser, Debug)]
#[command(name = "ebb", version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub options: GlobalOptions,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line.
    pub fn read() -> Result<Self, clap::Error> {
        let mut command = forgiving(Self::command());
        if let Some(width) = Terminal::detect().width {
            command = command.term_width(width);
        }
        let mut matches = command.try_get_matches_from_mut(env::args_os())?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }
}

/// The same, where a negative number is a value and not an option, and an environment variable that is set to nothing
/// is as good as unset.
fn forgiving(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let variable = arg.get_env().and_then(env::var_os);
        let arg = match variable.is_some_and(|value| value.is_empty()) {
            true => arg.env(Resettable::Reset),
            false => arg,
        };
        match arg.get_action().takes_values() {
            true => arg.allow_negative_numbers(true),
            false => arg,
        }
    });
    command.mut_subcommands(forgiving)
}

const AFTER_HELP: &str = "\
Values:
  CODE  a code, as in ams-dz001; anything else is taken for an account's address
  DUR   90s, 30m, 2h, 7d
  TIME  2026-01-02T15:00:00Z, or a DUR from now

Exit codes:
  0 done             4 refused by the program    130 Ctrl-C
  1 other failure    5 timed out waiting         143 SIGTERM
  2 usage            6 cluster unreachable       129 SIGHUP
  3 not found";

/// Options that every verb takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Ledger to talk to: a URL, a moniker (m, t, d, l or mainnet-beta, testnet, devnet, localhost), or
    /// embedded[:DIR] for a ledger in this process with its state in DIR
    ///
    /// Without it, the Solana CLI's config file decides; without that too, nothing is done. DIR defaults to
    /// $EBB_DIR, else to the user's data directory.
    #[arg(short, long, global = true, value_name = "URL")]
    pub url: Option<String>,

    /// Who signs: a key file, `-` for stdin, prompt:// for a seed phrase, usb:// for a hardware wallet; or a PUBKEY
    /// whose holder signs elsewhere
    ///
    /// Defaults to the Solana CLI's key; on an embedded ledger, to DIR/keys/default.json.
    #[arg(short, long, global = true, value_name = "KEYPAIR")]
    pub keypair: Option<String>,

    /// Who pays fees and rent, written as for --keypair; defaults to the signer
    #[arg(long, global = true, value_name = "KEYPAIR")]
    pub fee_payer: Option<String>,

    /// How final what is read and sent must be; defaults to the Solana CLI's config, else to confirmed
    #[arg(long, global = true, value_name = "LEVEL")]
    pub commitment: Option<Commitment>,

    /// How to write the result
    #[arg(long, global = true, value_name = "FORMAT", default_value = "table")]
    pub output: Output,

    /// Id of the program
    #[arg(
        long,
        global = true,
        env = "EBB_PROGRAM_ID",
        value_name = "PUBKEY",
        value_parser = value::pubkey,
        default_value_t = ebb_sdk::ID,
        hide_default_value = true
    )]
    pub program_id: Pubkey,

    /// Config file of the Solana CLI
    #[arg(short = 'C', long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Tell what each transaction cost, and the logs of those that fail
    #[arg(short, long, global = true)]
    pub verbose: bool,

    #[command(flatten)]
    pub offline: OfflineArgs,
}

/// How final what is read and sent must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Commitment {
    /// The node has seen it.
    Processed,
    /// Most of the stake has voted for it.
    Confirmed,
    /// It cannot be rolled back any more.
    Finalized,
}

impl From<Commitment> for CommitmentConfig {
    fn from(commitment: Commitment) -> Self {
        match commitment {
            Commitment::Processed => Self::processed(),
            Commitment::Confirmed => Self::confirmed(),
            Commitment::Finalized => Self::finalized(),
        }
    }
}

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Command {
    Init(command::init::Args),
    #[command(subcommand)]
    Program(command::program::Command),
    #[command(subcommand)]
    Registry(command::registry::Command),
    #[command(subcommand)]
    Contributor(command::contributor::Command),
    #[command(subcommand)]
    Location(command::location::Command),
    #[command(subcommand)]
    Device(command::device::Command),
    #[command(subcommand)]
    Session(command::session::Command),
    #[command(subcommand)]
    DiskKey(command::disk_key::Command),
    Lifecycle(command::lifecycle::Args),
    #[command(subcommand)]
    Ledger(command::ledger::Command),
    Demo(command::demo::Args),
    Completions(command::completions::Args),
    Man(command::man::Args),
}

/// The output format that raw arguments ask for, for errors found before they could be parsed.
pub fn output_of(args: impl Iterator<Item = OsString>) -> Option<Output> {
    let mut args = args.filter_map(|arg| arg.into_string().ok());
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--output") {
            Some("") => args.next(),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(value) = value {
            return Output::from_str(&value, false).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use {super::*, clap::CommandFactory};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_output_format_is_found_in_raw_arguments() {
        let output = |args: &[&str]| output_of(args.iter().map(OsString::from));
        assert_eq!(output(&["device", "--output", "json"]), Some(Output::Json));
        assert_eq!(
            output(&["--output=json-compact"]),
            Some(Output::JsonCompact)
        );
        assert_eq!(output(&["--output-x", "json"]), None);
        assert_eq!(output(&["--output"]), None);
    }
}
