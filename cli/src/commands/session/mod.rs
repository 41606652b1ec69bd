//! `ebb session`

mod close;
mod list;
mod open;

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
    },
    clap::Subcommand,
};

/// Sessions: users' connections to devices
#[derive(Subcommand, Debug)]
pub enum Command {
    Open(open::Args),
    Close(close::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(self, Self::List(_))
    }

    pub async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Open(args) => open::run(args, context).await,
            Self::Close(args) => close::run(args, context).await,
            Self::List(args) => list::run(args, context).await,
        }
    }
}
