//! `ebb location`

mod create;
mod get;
mod import;
mod list;
mod set_budget;

use {
    crate::{
        error::{CliError, Exit},
        workflow::origin::Origin,
    },
    clap::Subcommand,
};

/// Locations: metros, each with a disruption budget
#[derive(Subcommand, Debug)]
pub enum Command {
    Create(create::Args),
    Import(import::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    #[command(visible_alias = "show")]
    Get(get::Args),
    SetBudget(set_budget::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(self, Self::List(_) | Self::Get(_))
    }

    pub async fn run(self, origin: Origin<'_>) -> Result<Exit, CliError> {
        match self {
            Self::Create(args) => create::run(args, origin.ledger()?).await,
            Self::Import(args) => import::run(args, origin.ledger()?).await,
            Self::List(args) => list::run(args, origin).await,
            Self::Get(args) => get::run(args, origin).await,
            Self::SetBudget(args) => set_budget::run(args, origin.ledger()?).await,
        }
    }
}
