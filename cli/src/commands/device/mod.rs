//! `ebb device`

mod activate;
mod create;
mod drain;
mod get;
mod history;
mod hold;
mod import;
mod list;
mod release;
mod remove;
mod report_health;
mod retire;
mod set_agent;
mod undrain;
mod update;
mod watch;

use {
    crate::{
        error::{CliError, Exit},
        workflow::origin::Origin,
    },
    clap::Subcommand,
};

/// Devices: activate, drain without cutting users off, retire
#[derive(Subcommand, Debug)]
pub enum Command {
    Create(create::Args),
    Import(import::Args),
    Update(update::Args),
    Activate(activate::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    #[command(visible_alias = "show")]
    Get(get::Args),
    History(history::Args),
    Watch(watch::Args),
    Drain(Box<drain::Args>),
    Undrain(undrain::Args),
    Retire(retire::Args),
    Remove(remove::Args),
    SetAgent(set_agent::Args),
    ReportHealth(report_health::Args),
    Hold(hold::Args),
    Release(release::Args),
}

impl Command {
    /// Whether the verb shows what is there and changes nothing.
    pub fn reads(&self) -> bool {
        matches!(
            self,
            Self::List(_) | Self::Get(_) | Self::History(_) | Self::Watch(_)
        )
    }

    pub async fn run(self, origin: Origin<'_>) -> Result<Exit, CliError> {
        match self {
            Self::Create(args) => create::run(args, origin.ledger()?).await,
            Self::Import(args) => import::run(args, origin.ledger()?).await,
            Self::Update(args) => update::run(args, origin.ledger()?).await,
            Self::Activate(args) => activate::run(args, origin.ledger()?).await,
            Self::List(args) => list::run(args, origin).await,
            Self::Get(args) => get::run(args, origin).await,
            Self::History(args) => history::run(args, origin).await,
            Self::Watch(args) => watch::run(args, origin).await,
            Self::Drain(args) => drain::run(*args, origin.ledger()?).await,
            Self::Undrain(args) => undrain::run(args, origin.ledger()?).await,
            Self::Retire(args) => retire::run(args, origin.ledger()?).await,
            Self::Remove(args) => remove::run(args, origin.ledger()?).await,
            Self::SetAgent(args) => set_agent::run(args, origin.ledger()?).await,
            Self::ReportHealth(args) => report_health::run(args, origin.ledger()?).await,
            Self::Hold(args) => hold::run(args, origin.ledger()?).await,
            Self::Release(args) => release::run(args, origin.ledger()?).await,
        }
    }
}
