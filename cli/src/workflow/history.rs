//! The store of a server's history.

use {
    crate::{
        context::Context,
        error::CliError,
        input::value,
        render::{Hole, Verdict},
    },
    directories::ProjectDirs,
    ebb_sdk::rpc::SecretUrl,
    ebb_serve::{
        ingest::{audit, Accounts},
        store::{Identity, ImportError, Location, Site, Store, StoreError, Writer},
    },
    std::{
        collections::HashMap,
        fs::File,
        io::{self, BufRead, BufReader},
        path::Path,
        time::Duration,
    },
    tokio::time::sleep,
};

/// Where the history is.
#[derive(clap::Args, Clone, Debug)]
pub struct StoreArgs {
    /// A SQLite file or postgres://USER@HOST/DATABASE
    ///
    /// Defaults to a file in the user's data directory, named by the ledger's genesis and the program.
    #[arg(
        long,
        env = "EBB_HISTORY",
        hide_env_values = true,
        value_name = "STORE",
        value_parser = location
    )]
    history: Option<Location>,
}

impl StoreArgs {
    /// Opens the store, and makes it where there is none.
    pub async fn open(&self, context: &Context) -> Result<Store, CliError> {
        let identity = identity(context).await?;
        let location = self.location(&identity)?;
        Ok(Store::open(&location, identity).await?)
    }

    /// Opens the store, which must be there.
    pub async fn open_existing(&self, context: &Context) -> Result<Store, CliError> {
        let identity = identity(context).await?;
        let location = self.location(&identity)?;
        if !location.exists() {
            return Err(
                CliError::not_found(format!("there is no history store at {location}"))
                    .hint("`ebb history import` makes one; or name another with --history"),
            );
        }
        Ok(Store::open(&location, identity).await?)
    }

    /// Takes the store's lock.
    pub async fn lock(&self, store: &Store) -> Result<Writer, CliError> {
        let writer = store.try_writer().await?;
        writer.ok_or_else(|| {
            CliError::other("another process writes to the history store")
                .hint("stop the server that does, and start it again afterwards")
        })
    }

    fn location(&self, identity: &Identity) -> Result<Location, CliError> {
        Ok(self.site()?.location(identity))
    }

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

async fn identity(context: &Context) -> Result<Identity, CliError> {
    Ok(Identity {
        genesis: context.client.ledger().genesis().await?,
        program: *context.program_id(),
    })
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::OtherGenesis { .. }
            | StoreError::OtherProgram { .. }
            | StoreError::NotAStore(_)
            | StoreError::Address(_)
            | StoreError::Path(_) => Self::usage(message),
            _ => Self::other(message),
        }
    }
}

impl From<ImportError> for CliError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Io(error) => error.into(),
            error @ ImportError::Line { .. } => Self::usage(error.to_string()),
        }
    }
}

/// The lines of a file; `-` is stdin.
pub fn lines(file: &Path) -> Result<Box<dyn BufRead + Send>, CliError> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file);
    let opened = opened
        .map_err(|error| CliError::usage(format!("cannot read {}: {error}", file.display())))?;
    Ok(Box::new(BufReader::new(opened)))
}

/// How often a store is read again that lacks something, as a server may be about to read that.
const READS: u32 = 5;
/// How long between two reads.
const PAUSE: Duration = Duration::from_secs(1);

/// Compares a store with the accounts.
pub async fn verify(context: &Context, store: &Store) -> Result<Verdict, CliError> {
    let accounts = Accounts::read(&context.client).await?;
    let mut missing = audit(store, &accounts).await?;
    for _ in 1..READS {
        let is_written_to = async || match store.try_writer().await? {
            Some(writer) => {
                writer.close().await;
                Ok::<_, CliError>(false)
            }
            None => Ok(true),
        };
        if missing.is_empty() || !is_written_to().await? {
            break;
        }
        sleep(PAUSE).await;
        missing = audit(store, &accounts).await?;
    }
    let lost = store.lost_ranges().await?;
    let codes = store.codes().await?;
    let codes: HashMap<_, String> = codes.into_iter().collect();
    Ok(Verdict {
        complete: missing.is_empty(),
        accounts: accounts.count(),
        events: store.event_count().await?,
        missing: missing
            .iter()
            .map(|range| Hole {
                code: codes.get(&range.address).cloned(),
                range: range.into(),
                lost: lost.contains(range),
            })
            .collect(),
    })
}
