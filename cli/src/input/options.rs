//! Options that every verb takes.

use {
    super::{
        offline::{OfflineArgs, SIGNING},
        secret::KeyArg,
        value,
    },
    crate::terminal::Output,
    clap::{Args, ValueEnum},
    ebb_sdk::rpc::SecretUrl,
    solana_commitment_config::CommitmentConfig,
    solana_sdk::pubkey::Pubkey,
    std::path::PathBuf,
};

/// What the options of verbs are listed under that a server can answer.
pub const SERVER: &str = "Server options";

/// Options that every verb takes, and those of verbs that sign or ask a server, which are hidden elsewhere.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// Ledger: a URL, a moniker (m, t, d, l) or embedded[:DIR]
    ///
    /// The monikers are those of the Solana CLI: m, t, d, l or mainnet-beta, testnet, devnet, localhost. embedded is a
    /// ledger in this process with its state in DIR.
    ///
    /// Without it, the Solana CLI's config file decides; without that too, nothing is done. DIR defaults to
    /// $EBB_DIR, else to the user's data directory.
    #[arg(
        short,
        long,
        global = true,
        hide_short_help = true,
        value_name = "URL",
        value_parser = value::ledger
    )]
    pub url: Option<SecretUrl>,

    /// Ask this server, not the ledger
    ///
    /// The URL that `ebb serve` prints, or that of a proxy before it. Where EBB_SERVER names one and --url a ledger, the
    /// ledger is read. Verbs that write go to the ledger in any case.
    #[arg(
        long,
        global = true,
        hide = true,
        help_heading = SERVER,
        env = "EBB_SERVER",
        hide_env_values = true,
        value_name = "URL",
        value_parser = value::server
    )]
    pub server: Option<SecretUrl>,

    /// A file with the token that the server asks for
    #[arg(
        long,
        global = true,
        hide = true,
        hide_short_help = true,
        help_heading = SERVER,
        env = "EBB_SERVER_TOKEN_FILE",
        value_name = "FILE",
        value_parser = value::path_parser()
    )]
    pub server_token_file: Option<PathBuf>,

    /// Who signs: a key file, or what else --help lists
    ///
    /// A key file, `-` for stdin, prompt:// for a seed phrase, usb:// for a hardware wallet; or a PUBKEY whose holder
    /// signs elsewhere.
    ///
    /// Defaults to the Solana CLI's key; on an embedded ledger, to DIR/keys/default.json.
    #[arg(
        short,
        long,
        global = true,
        hide = true,
        help_heading = SIGNING,
        value_name = "KEYPAIR"
    )]
    pub keypair: Option<KeyArg>,

    /// Who pays fees and rent, written as for --keypair; defaults to the signer
    #[arg(
        long,
        global = true,
        hide = true,
        hide_short_help = true,
        help_heading = SIGNING,
        value_name = "KEYPAIR"
    )]
    pub fee_payer: Option<KeyArg>,

    /// How final what is read and sent must be; defaults to the Solana CLI's config, else to confirmed
    #[arg(long, global = true, hide_short_help = true, value_name = "LEVEL")]
    pub commitment: Option<Commitment>,

    /// Format of the result
    ///
    /// The default is table.
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_name = "FORMAT",
        default_value = "table",
        hide_default_value = true
    )]
    pub output: Output,

    /// Id of the program; defaults to the development id, to which nothing is sent on mainnet, testnet and devnet
    /// unless it is named
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        env = "EBB_PROGRAM_ID",
        hide_env_values = true,
        value_name = "PUBKEY",
        value_parser = value::pubkey
    )]
    pub program_id: Option<Pubkey>,

    /// Config file of the Solana CLI
    #[arg(
        short = 'C',
        long,
        global = true,
        hide_short_help = true,
        value_name = "FILE",
        value_parser = value::path_parser()
    )]
    pub config: Option<PathBuf>,

    /// Do not ask; without effect where nothing is asked
    #[arg(short, long, global = true, hide = true, help_heading = SIGNING)]
    pub yes: bool,

    /// Print what each transaction cost, and the logs of those that fail
    #[arg(short, long, global = true, hide_short_help = true)]
    pub verbose: bool,

    #[command(flatten)]
    pub offline: OfflineArgs,

    /// The keys that options name, each with its option.
    #[arg(skip)]
    pub named_keys: Vec<(String, KeyArg)>,
}

impl GlobalOptions {
    /// The program's id, whether it is named or not.
    pub fn program_id(&self) -> Pubkey {
        self.program_id.unwrap_or(ebb_sdk::ID)
    }
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
