//! `ebb ledger reset`

use {
    crate::{
        error::{CliError, Exit},
        input::{config::Settings, confirm::confirm, options::GlobalOptions},
        render::{Item, Report},
        terminal::Terminal,
    },
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::LedgerError,
    },
};

const ACTION: &str = "reset";

/// Discard the embedded ledger, its history and default key
///
/// Only what the ledger put into its folder goes. `ebb init` makes a new one.
#[derive(clap::Args, Debug)]
#[command(
    args = crate::input::signing::confirmation(),
    after_long_help = "Examples:\n  ebb ledger reset --url embedded:lab\n  ebb ledger reset --url embedded:lab --yes"
)]
pub struct Args {}

pub fn run(_: Args, options: &GlobalOptions) -> Result<Exit, CliError> {
    let dir = Settings::resolve(options)?.target.into_embedded()?;
    let place = dir.display().to_string();
    let consequence =
        format!("Every account, transaction and key of the ledger in {place} will be gone.");
    confirm(Terminal::detect(), options.yes, &consequence)?;
    let timeout = EmbeddedOptions::default().lock_timeout;
    let item = if EmbeddedLedger::reset(&dir, timeout).map_err(LedgerError::from)? {
        let text = format!("discarded the ledger in {place}");
        Item::written(ACTION, place, "present", None, None, text)
    } else {
        let text = format!("there is no ledger in {place}");
        Item::unchanged(ACTION, place, None, text)
    };
    let mut report = Report::to(options.output, options.verbose);
    report.push(item);
    report.finish()
}
