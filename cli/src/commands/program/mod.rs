//! `ebb program`

mod deploy;
mod show;

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
    },
    clap::Subcommand,
};

/// The program on the ledger
#[derive(Subcommand, Debug)]
pub enum Command {
    Deploy(deploy::Args),
    #[command(visible_alias = "get")]
    Show(show::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(self, Self::Show(_))
    }

    pub async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Deploy(args) => deploy::run(args, context).await,
            Self::Show(args) => show::run(args, context).await,
        }
    }
}
