//! `ebb ledger`

mod airdrop;
mod info;
mod reset;

use {
    crate::{
        args::GlobalOptions,
        context::{Context, Purpose},
        error::{CliError, Exit},
    },
    clap::Subcommand,
    ebb_sdk::embedded::EmbeddedLedger,
};

/// The embedded ledger: a real SVM in this process, its state in a folder
#[derive(Subcommand, Debug)]
pub enum Command {
    Info(info::Args),
    Airdrop(airdrop::Args),
    Reset(reset::Args),
}

impl Command {
    pub async fn run(self, options: &GlobalOptions) -> Result<Exit, CliError> {
        match self {
            Self::Info(args) => info::run(args, &Context::open(options, Purpose::Read)?),
            Self::Airdrop(args) => airdrop::run(args, &Context::open(options, Purpose::Begin)?),
            // A damaged ledger cannot be opened, and is what one wants to discard.
            Self::Reset(args) => reset::run(args, options),
        }
    }
}

fn embedded(context: &Context) -> Result<&EmbeddedLedger, CliError> {
    context.embedded().ok_or_else(not_embedded)
}

fn not_embedded() -> CliError {
    CliError::usage("--url names a cluster, and this verb is for the embedded ledger")
        .hint("right is, for example, --url embedded or --url embedded:lab")
}
