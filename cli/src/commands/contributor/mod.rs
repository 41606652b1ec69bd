//! `ebb contributor`

mod accept;
mod create;
mod get;
mod list;
mod nominate;
mod resume;
mod set_operator;
mod suspend;

use {
    crate::{
        error::{CliError, Exit},
        workflow::origin::Origin,
    },
    clap::Subcommand,
};

/// Contributors: organisations that own devices
#[derive(Subcommand, Debug)]
pub enum Command {
    Create(create::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    #[command(visible_alias = "show")]
    Get(get::Args),
    Suspend(suspend::Args),
    Resume(resume::Args),
    SetOperator(set_operator::Args),
    Nominate(nominate::Args),
    Accept(accept::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(self, Self::List(_) | Self::Get(_))
    }

    pub async fn run(self, origin: Origin<'_>) -> Result<Exit, CliError> {
        match self {
            Self::Create(args) => create::run(args, origin.ledger()?).await,
            Self::List(args) => list::run(args, origin).await,
            Self::Get(args) => get::run(args, origin).await,
            Self::Suspend(args) => suspend::run(args, origin.ledger()?).await,
            Self::Resume(args) => resume::run(args, origin.ledger()?).await,
            Self::SetOperator(args) => set_operator::run(args, origin.ledger()?).await,
            Self::Nominate(args) => nominate::run(args, origin.ledger()?).await,
            Self::Accept(args) => accept::run(args, origin.ledger()?).await,
        }
    }
}
