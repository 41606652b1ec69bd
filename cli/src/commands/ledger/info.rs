//! `ebb ledger info`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{self, ledger::InfoView},
    },
    ebb_sdk::ledger::LedgerError,
};

/// Show where the embedded ledger is and what it holds
///
/// The ledger's time is the host's clock plus the offset, which is raised wherever the host's clock goes back, so that
/// time on the ledger never does.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  ebb ledger info --url embedded\n  ebb ledger info --url embedded:lab"
)]
pub struct Args {}

pub fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let info = context
        .require_embedded()?
        .info()
        .map_err(LedgerError::from)?;
    render::show(context, &InfoView::from(info))
}
