//! The store of a server's history.

use {
    super::value,
    crate::error::CliError,
    directories::ProjectDirs,
    ebb_sdk::rpc::SecretUrl,
    ebb_serve::store::{Location, Site, StoreError},
};

/// Where the history is.
#[derive(clap::Args, Clone, Debug)]
pub struct HistoryArgs {
    /// A SQLite file or postgres:// URL
    ///
    /// The URL is postgres://USER@HOST/DATABASE. Defaults to a file in the user's data directory, named by the ledger's genesis and the program.
    #[arg(
        long,
        env = "EBB_HISTORY",
        hide_env_values = true,
        value_name = "STORE",
        value_parser = location
    )]
    history: Option<Location>,
}

impl HistoryArgs {
    /// Where the store is, whatever the ledger is.
    pub fn site(&self) -> Result<Site, CliError> {
        if let Some(location) = &self.history {
            return Ok(Site::At(location.clone()));
        }
        let dirs = ProjectDirs::from("", "", "ebb").ok_or_else(|| {
            CliError::usage("there is no home directory to keep a history in")
                .hint("name a file: --history FILE or EBB_HISTORY")
        })?;
        Ok(Site::InFolder(dirs.data_dir().join("history")))
    }
}

/// Reads what names a store.
fn location(text: &str) -> Result<Location, String> {
    if !text.contains("://") {
        value::path(text.into())?;
    }
    text.parse().map_err(|error: StoreError| {
        let url = SecretUrl::new(text);
        url.redact(&error.to_string())
    })
}
