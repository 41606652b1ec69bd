//! `ebb ledger info`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        render,
        terminal::{time::rfc3339, Cell, Field},
    },
    ebb_sdk::{embedded::EmbeddedInfo, ledger::LedgerError},
    serde::Serialize,
};

/// Show where the embedded ledger is and what it holds
///
/// The ledger's time is the host's clock plus the offset, which is raised wherever the host's clock goes back, so that
/// time on the ledger never does.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  ebb ledger info --url embedded\n  ebb ledger info --url embedded:lab"
)]
pub struct Args {}

#[derive(Serialize)]
struct InfoView {
    dir: String,
    program_id: String,
    default_key: String,
    slot: u64,
    time: Option<String>,
    offset_seconds: i64,
    blockhash: String,
    accounts: usize,
    transactions: u64,
    bytes: u64,
}

impl From<EmbeddedInfo> for InfoView {
    fn from(info: EmbeddedInfo) -> Self {
        Self {
            dir: info.dir.display().to_string(),
            program_id: info.program_id.to_string(),
            default_key: info.default_key.to_string(),
            slot: info.now.slot,
            time: rfc3339(info.now.time),
            offset_seconds: info.offset,
            blockhash: info.blockhash.to_string(),
            accounts: info.accounts,
            transactions: info.transactions,
            bytes: info.bytes,
        }
    }
}

impl InfoView {
    fn fields(&self) -> Vec<Field> {
        vec![
            ("Folder", Cell::new(&self.dir)),
            ("Program", Cell::new(&self.program_id)),
            ("Default key", Cell::new(&self.default_key)),
            ("Slot", Cell::new(self.slot)),
            ("Time", Cell::new(self.time.as_deref().unwrap_or("unknown"))),
            (
                "Offset",
                format!("{} s ahead of the host's clock", self.offset_seconds).into(),
            ),
            ("Blockhash", Cell::new(&self.blockhash)),
            ("Accounts", Cell::new(self.accounts)),
            ("Transactions", Cell::new(self.transactions)),
            ("Bytes", Cell::new(self.bytes)),
        ]
    }
}

pub fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let view = InfoView::from(
        context
            .require_embedded()?
            .info()
            .map_err(LedgerError::from)?,
    );
    render::document(context, &view, &view.fields())
}
