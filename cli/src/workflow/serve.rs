//! What a server is given, and what is reported of it.

use {
    crate::{error::CliError, input::store::HistoryArgs, terminal::status},
    ebb_serve::{store::Site, Notice, ServeError},
};

/// Reports when the ledger cannot be read or the history stands still, and when they go on.
pub fn report(notice: Notice<'_>) {
    match notice {
        Notice::Ledger(Some(error)) => status(format_args!(
            "warning: serving what was read before: {error}"
        )),
        Notice::Ledger(None) => status("the ledger can be read again"),
        Notice::History(Some(problem)) => status(format_args!(
            "warning: the history stands still: {}",
            problem.reason
        )),
        Notice::History(None) => status("the history can be read again"),
    }
}

/// Where the history is kept; nowhere if there is no place for it, which is no reason not to serve.
pub fn site(store: &HistoryArgs) -> Option<Site> {
    let site = store.site();
    let warn = |error: &CliError| {
        status(format_args!(
            "warning: serving without the history: {error}"
        ));
    };
    site.inspect_err(warn).ok()
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        let failed = Self::other(error.to_string());
        match error {
            ServeError::Listen { .. } => failed.hint("choose another address with --listen"),
            ServeError::Reader => failed,
        }
    }
}
