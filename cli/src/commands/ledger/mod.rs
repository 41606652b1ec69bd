//! `ebb ledger`

mod airdrop;
mod info;
mod reset;

use {
    crate::{
        context::{Context, Purpose},
        error::{CliError, Exit},
        input::options::GlobalOptions,
    },
    clap::Subcommand,
};

/// The embedded ledger: an SVM in this process, state in a folder
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
