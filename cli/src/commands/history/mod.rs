//! `ebb history`

mod export;
mod import;
mod verify;

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
    },
    clap::Subcommand,
};

/// The history that a server keeps: move it, prove it complete
///
/// These verbs use the store itself, beside a server or without one, and ask none: a server's answers have no event's
/// bytes, and the proof is a comparison with the ledger.
#[derive(Subcommand, Debug)]
pub enum Command {
    Export(export::Args),
    Import(import::Args),
    Verify(verify::Args),
}

impl Command {
    /// Whether the verb changes nothing on the ledger.
    pub fn reads(&self) -> bool {
        match self {
            Self::Export(_) | Self::Import(_) | Self::Verify(_) => true,
        }
    }

    pub async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Export(args) => export::run(args, context).await,
            Self::Import(args) => import::run(args, context).await,
            Self::Verify(args) => verify::run(args, context).await,
        }
    }
}
