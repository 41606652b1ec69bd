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

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
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
        matches!(self, Self::List(_) | Self::Get(_) | Self::History(_))
    }

    /// Runs the verb.
    pub async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Create(args) => create::run(args, context).await,
            Self::Import(args) => import::run(args, context).await,
            Self::Update(args) => update::run(args, context).await,
            Self::Activate(args) => activate::run(args, context).await,
            Self::List(args) => list::run(args, context).await,
            Self::Get(args) => get::run(args, context).await,
            Self::History(args) => history::run(args, context).await,
            Self::Drain(args) => drain::run(*args, context).await,
            Self::Undrain(args) => undrain::run(args, context).await,
            Self::Retire(args) => retire::run(args, context).await,
            Self::Remove(args) => remove::run(args, context).await,
            Self::SetAgent(args) => set_agent::run(args, context).await,
            Self::ReportHealth(args) => report_health::run(args, context).await,
            Self::Hold(args) => hold::run(args, context).await,
            Self::Release(args) => release::run(args, context).await,
        }
    }
}
