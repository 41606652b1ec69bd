//! The store of a server's history.

use {
    crate::{
        context::Context,
        error::CliError,
        input::store::HistoryArgs,
        render::{Hole, Verdict},
        workflow::server::{self, Server},
    },
    ebb_serve::{
        ingest::{audit, Accounts},
        store::{import, Identity, ImportError, Location, Range, Store, StoreError, Writer},
    },
    std::{
        collections::HashMap,
        fs::File,
        io::{self, BufRead, BufReader, Seek, Write},
        path::Path,
        time::Duration,
    },
    tokio::time::sleep,
};

/// Opens a store, and makes it where there is none.
pub async fn open(context: &Context, store: &HistoryArgs) -> Result<Store, CliError> {
    let identity = identity(context).await?;
    let location = store.site()?.location(&identity);
    Ok(Store::open(&location, identity).await?)
}

/// Opens a store, which must be there.
pub async fn open_existing(context: &Context, store: &HistoryArgs) -> Result<Store, CliError> {
    let identity = identity(context).await?;
    let location = store.site()?.location(&identity);
    if !location.exists() {
        return Err(
            CliError::not_found(format!("there is no history store at {location}"))
                .hint("`ebb history import` makes one; or name another with --history"),
        );
    }
    Ok(Store::open(&location, identity).await?)
}

/// Takes a store's lock.
pub async fn lock(store: &Store) -> Result<Writer, CliError> {
    let writer = store.try_writer().await?;
    writer.ok_or_else(|| {
        CliError::other("another process writes to the history store")
            .hint("stop the server that does, and start it again afterwards")
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
    verdict(store, &accounts, &missing).await
}

/// Compares a server's history with the accounts.
///
/// # Errors
/// Also that the server is of another ledger or program, or sends what is no history.
pub async fn verify_server(context: &Context, server: &Server) -> Result<Verdict, CliError> {
    let accounts = Accounts::read(&context.client).await?;
    let identity = identity(context).await?;
    let mut read = 1;
    loop {
        // A new one each time, as what was read before may have been retracted.
        let dir = tempfile::tempdir()?;
        let location = Location::File(dir.path().join("history.sqlite"));
        let store = Store::open(&location, identity).await?;
        take_over(server, &store).await?;
        let missing = audit(&store, &accounts).await?;
        if missing.is_empty() || read == READS {
            return verdict(&store, &accounts, &missing).await;
        }
        read += 1;
        sleep(PAUSE).await;
    }
}

/// Takes the history of a server into a store.
async fn take_over(server: &Server, store: &Store) -> Result<(), CliError> {
    let mut lines = exported(server).await;
    // The server keeps another store now: its history begins anew.
    if lines.as_ref().is_err_and(CliError::is_gone) {
        lines = exported(server).await;
    }
    let mut writer = lock(store).await?;
    import(store, &mut writer, &mut BufReader::new(lines?)).await?;
    writer.close().await;
    Ok(())
}

/// The lines of a server's history, in a file without a name.
async fn exported(server: &Server) -> Result<File, CliError> {
    let mut file = tempfile::tempfile()?;
    server::export(server, |lines| Ok(file.write_all(lines)?)).await?;
    file.rewind()?;
    Ok(file)
}

async fn verdict(
    store: &Store,
    accounts: &Accounts,
    missing: &[Range],
) -> Result<Verdict, CliError> {
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
