//! `ebb registry`

mod accept;
mod get;
mod nominate;
mod set_oracle;
mod set_policy;

use {
    crate::{
        error::{CliError, Exit},
        workflow::origin::Origin,
    },
    clap::Subcommand,
};

/// The registry: who runs the network, and by which policy
#[derive(Subcommand, Debug)]
pub enum Command {
    #[command(visible_alias = "show")]
    Get(get::Args),
    SetPolicy(set_policy::Args),
    SetOracle(set_oracle::Args),
    Nominate(nominate::Args),
    Accept(accept::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(self, Self::Get(_))
    }

    pub async fn run(self, origin: Origin<'_>) -> Result<Exit, CliError> {
        match self {
            Self::Get(args) => get::run(args, origin).await,
            Self::SetPolicy(args) => set_policy::run(args, origin.ledger()?).await,
            Self::SetOracle(args) => set_oracle::run(args, origin.ledger()?).await,
            Self::Nominate(args) => nominate::run(args, origin.ledger()?).await,
            Self::Accept(args) => accept::run(args, origin.ledger()?).await,
        }
    }
}
