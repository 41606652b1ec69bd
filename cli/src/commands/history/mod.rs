//! `ebb history`

mod export;
mod import;
mod verify;

use {
    crate::{
        error::{CliError, Exit},
        workflow::origin::Origin,
    },
    clap::Subcommand,
};

/// The history that a server keeps: move it, prove it complete
///
/// These verbs use the store itself, beside a server or without one. `export` and `verify` also take the history from a
/// server; the proof is a comparison with the ledger in any case.
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

    pub async fn run(self, origin: Origin<'_>) -> Result<Exit, CliError> {
        match self {
            Self::Export(args) => export::run(args, origin).await,
            Self::Import(args) => import::run(args, origin.ledger()?).await,
            Self::Verify(args) => verify::run(args, origin).await,
        }
    }
}
