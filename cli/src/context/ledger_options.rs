//! How commands to copy name the ledger that a verb runs on.

#[cfg(feature = "top")]
use crate::input::{config::without_secrets, options::GlobalOptions};
use ebb_sdk::json::LedgerOptions;
#[cfg(feature = "serve")]
use {super::Context, std::path::absolute};

/// The ledger and the program as the options name them. A URL with secrets is left out.
#[cfg(feature = "top")]
pub fn given(options: &GlobalOptions) -> LedgerOptions {
    let url = options.url.as_ref().and_then(without_secrets);
    LedgerOptions::new(url, options.program_id.as_ref())
}

/// The ledger and the program as any shell of this host can name them. A URL with secrets is left out.
#[cfg(feature = "serve")]
pub fn from_anywhere(context: &Context) -> LedgerOptions {
    let embedded = context.embedded().and_then(|ledger| {
        let dir = absolute(ledger.dir()).ok()?;
        Some(format!("embedded:{}", dir.to_str()?))
    });
    let cluster = context.cluster().map(|ledger| ledger.url());
    let cluster = cluster.filter(|url| !url.has_secrets());
    let url = embedded.as_deref().or(cluster.map(|url| url.expose()));
    let program_id = Some(context.program_id()).filter(|id| **id != ebb_sdk::ID);
    LedgerOptions::new(url, program_id)
}
