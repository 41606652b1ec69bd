//! `ebb disk-key`

mod destroy;
mod get;
mod list;
mod reassign;
mod register;

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
    },
    clap::Subcommand,
};

/// Disk-encryption keys: kept by custodians, attested on chain
///
/// A key lies in a store of the custodian's, and is registered and attested on chain by its commitment.
///
/// The chain holds the SHA-256 of a key and never the key. The key itself lies encrypted in the custodian's store,
/// a folder; a device is retired only once the custodian of each of its keys attested that the key is destroyed.
#[derive(Subcommand, Debug)]
pub enum Command {
    Register(register::Args),
    Destroy(destroy::Args),
    #[command(visible_alias = "show")]
    Get(get::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Reassign(reassign::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(self, Self::Get(_) | Self::List(_))
    }

    pub async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Register(args) => register::run(args, context).await,
            Self::Destroy(args) => destroy::run(args, context).await,
            Self::Get(args) => get::run(args, context).await,
            Self::List(args) => list::run(args, context).await,
            Self::Reassign(args) => reassign::run(args, context).await,
        }
    }
}
