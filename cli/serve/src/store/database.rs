//! Reaching the database: where it is, its tables, whose it is, and its lock.

use {
    super::{
        limit::{within, ANSWER, CONNECT, CONNECT_TO_READ, MIGRATION},
        readers::Readers,
        Identity, StoreError,
    },
    ebb_folder::{Access, Folder, Lock},
    ebb_sdk::rpc::SecretUrl,
    sqlx::{
        any::{install_default_drivers, AnyConnectOptions},
        migrate::{Migration, MigrationType, Migrator},
        AnyConnection, ConnectOptions, Connection, Executor, Row, SqlSafeStr,
    },
    std::{
        ffi::OsString,
        fmt,
        fs::OpenOptions,
        hash::{BuildHasher, Hasher, RandomState},
        io::ErrorKind,
        path::{Path, PathBuf},
        str::FromStr,
        sync::{LazyLock, Mutex},
        time::Duration,
    },
    url::Url,
};

/// Made here, as the macro of `sqlx` would compile both databases a second time for itself.
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    Migrator::with_migrations(vec![
        migration(
            1,
            "history",
            include_str!("../../migrations/0001_history.sql"),
        ),
        migration(2, "time", include_str!("../../migrations/0002_time.sql")),
    ])
});

fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    let kind = MigrationType::Simple;
    Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
}

/// The number of PostgreSQL's advisory lock, "ebb hist" in ASCII.
const ADVISORY_LOCK: i64 = 0x6562_6220_6869_7374;

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(SecretUrl),
}

impl Location {
    /// Whether there is something; a database is taken to be there.
    pub fn exists(&self) -> bool {
        match self {
            Self::File(file) => file.exists(),
            Self::Postgres(_) => true,
        }
    }

    /// The file of a ledger and program in a folder.
    pub fn in_folder(folder: &Path, identity: &Identity) -> Self {
        let Identity { genesis, program } = identity;
        Self::File(folder.join(format!("{genesis}-{program}.sqlite")))
    }
}

/// Which store is a ledger's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// This one.
    At(Location),
    /// The file in this folder that is named by the ledger's genesis and the program.
    InFolder(PathBuf),
}

impl Site {
    /// Where the store of a ledger and program is.
    pub fn location(&self, identity: &Identity) -> Location {
        match self {
            Self::At(location) => location.clone(),
            Self::InFolder(folder) => Location::in_folder(folder, identity),
        }
    }
}

impl fmt::Display for Location {
    /// Without the secrets of a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl FromStr for Location {
    type Err = StoreError;

    /// `postgres://…` is a database, anything else a file.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text.split_once("://") {
            None => Ok(Self::File(text.into())),
            Some(("postgres" | "postgresql", _)) => match Url::parse(text) {
                Ok(_) => Ok(Self::Postgres(SecretUrl::new(text))),
                Err(error) => Err(StoreError::Address(format!("the URL given ({error})"))),
            },
            Some((scheme, _)) => Err(StoreError::Address(format!("a URL of scheme {scheme}"))),
        }
    }
}

/// A database whose tables are there and whose identity was checked.
pub(super) struct Database {
    /// What the store calls itself, which no other store does.
    pub id: String,
    options: AnyConnectOptions,
    lock: LockPlace,
}

/// What is locked to write.
#[derive(Debug)]
enum LockPlace {
    File { folder: Folder, name: OsString },
    Advisory,
}

/// A connection that may write, for as long as it lives.
#[derive(Debug)]
pub(super) struct Session {
    pub connection: AnyConnection,
    _lock: Option<Lock>,
}

impl fmt::Debug for Database {
    /// Without the options, which may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("lock", &self.lock)
            .finish()
    }
}

impl Database {
    /// Makes the tables where they are missing and checks whose they are.
    pub async fn prepare(location: &Location, identity: &Identity) -> Result<Self, StoreError> {
        install_default_drivers();
        let mut database = match location {
            Location::File(file) => Self::of_file(file)?,
            Location::Postgres(url) => Self {
                id: String::new(),
                options: AnyConnectOptions::from_str(url.expose())?,
                lock: LockPlace::Advisory,
            },
        };
        let mut connection = database.connect().await?;
        within(MIGRATION, database.migrate(&mut connection)).await?;
        database.id = within(ANSWER, claim(&mut connection, identity)).await?;
        within(ANSWER, connection.close()).await?;
        Ok(database)
    }

    /// Makes the tables where they are missing.
    async fn migrate(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        match &self.lock {
            LockPlace::File { folder, name } => {
                let file = folder.path_of(name);
                migrate_file(connection, &file.display().to_string()).await
            }
            LockPlace::Advisory => Ok(MIGRATOR.run_direct(None, connection, false).await?),
        }
    }

    fn of_file(file: &Path) -> Result<Self, StoreError> {
        let (Some(name), Some(parent)) = (file.file_name(), file.parent()) else {
            return Err(StoreError::NotAStore(file.display().to_string()));
        };
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        let folder = Folder::new(parent, Access::Private);
        folder.create()?;
        create(&folder.path_of(name))?;
        let path = folder.path_of(name);
        let path = path
            .to_str()
            .ok_or_else(|| StoreError::Path(path.clone()))?;
        let mut url =
            Url::parse("sqlite:///").map_err(|_| StoreError::NotAStore(path.to_owned()))?;
        let absolute =
            std::path::absolute(path).map_err(|error| StoreError::Database(error.to_string()))?;
        // What the URL's own rules leave as it is would be decoded when SQLite reads it.
        url.set_path(&absolute.to_string_lossy().replace('%', "%25"));
        url.set_query(Some("mode=rwc"));
        Ok(Self {
            id: String::new(),
            options: AnyConnectOptions::from_str(url.as_str())?,
            lock: LockPlace::File {
                folder,
                name: name.to_owned(),
            },
        })
    }

    /// Connections to read.
    pub fn readers(&self) -> Readers {
        let connect_within = if self.is_file() {
            CONNECT
        } else {
            CONNECT_TO_READ
        };
        Readers::new(self.options.clone(), connect_within, self.set_up())
    }

    /// Takes the lock; `None` while another has it.
    pub async fn lock(&self) -> Result<Option<Session>, StoreError> {
        match &self.lock {
            LockPlace::File { folder, name } => {
                let mut name = name.clone();
                name.push(".lock");
                let Some(lock) = folder.lock(&name, Duration::ZERO)? else {
                    return Ok(None);
                };
                Ok(Some(Session {
                    connection: self.connect().await?,
                    _lock: Some(lock),
                }))
            }
            LockPlace::Advisory => {
                let mut connection = self.connect().await?;
                let query = sqlx::query("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_LOCK);
                let row = within(ANSWER, query.fetch_one(&mut connection)).await?;
                // The lock ends with the session, and so does a transaction of it that was not committed: two writers
                // never append at once, whichever connection breaks.
                Ok(row.try_get::<bool, _>(0)?.then_some(Session {
                    connection,
                    _lock: None,
                }))
            }
        }
    }

    fn is_file(&self) -> bool {
        matches!(self.lock, LockPlace::File { .. })
    }

    /// What each connection begins with.
    fn set_up(&self) -> &'static str {
        if self.is_file() {
            OF_FILE
        } else {
            OF_SERVER
        }
    }

    async fn connect(&self) -> Result<AnyConnection, StoreError> {
        let mut connection = within(CONNECT, self.options.connect()).await?;
        within(ANSWER, connection.execute(self.set_up())).await?;
        Ok(connection)
    }
}

/// What each connection to a server needs, which notices so within a minute that a writer's machine is gone, and keeps the lock
/// until then; and within a second, from PostgreSQL 14 on, that a query's asker is, while it answers.
const OF_SERVER: &str =
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; \
     SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval';";

/// What each connection to a file needs: readers and one writer at once, a commit that outlives a power failure, and a wait
/// for who is just writing.
const OF_FILE: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

/// Makes the file where it is absent, for its user alone; SQLite gives the files beside it the same mode.
fn create(file: &Path) -> Result<(), StoreError> {
    // Closing a file ends this process's locks of it, SQLite's too: it is closed before anybody here opens it.
    static CREATING: Mutex<()> = Mutex::new(());
    let _creating = CREATING.lock();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(StoreError::Create(file.to_owned(), error))
        }
        _ => Ok(()),
    }
}

/// Makes a file's tables in one transaction, as another process may be making them.
async fn migrate_file(connection: &mut AnyConnection, file: &str) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let tables =
        "SELECT COUNT(*), COUNT(CASE name WHEN '_sqlx_migrations' THEN 1 END) FROM sqlite_master";
    let row = sqlx::query(tables).fetch_one(&mut *transaction).await?;
    if row.try_get::<i64, _>(0)? > 0 && row.try_get::<i64, _>(1)? == 0 {
        return Err(StoreError::NotAStore(file.to_owned()));
    }
    MIGRATOR.run_direct(None, &mut *transaction, false).await?;
    Ok(transaction.commit().await?)
}

/// Notes whose store it is where nobody has, and compares. Returns what the store calls itself.
async fn claim(connection: &mut AnyConnection, identity: &Identity) -> Result<String, StoreError> {
    let Identity { genesis, program } = identity;
    let found = claim_value(connection, "genesis", genesis.to_string()).await?;
    if found != genesis.to_string() {
        return Err(StoreError::OtherGenesis {
            found,
            expected: *genesis,
        });
    }
    let found = claim_value(connection, "program", program.to_string()).await?;
    if found != program.to_string() {
        return Err(StoreError::OtherProgram {
            found,
            expected: *program,
        });
    }
    let random = format!("{:016x}", RandomState::new().build_hasher().finish());
    claim_value(connection, "store", random).await
}

async fn claim_value(
    connection: &mut AnyConnection,
    name: &str,
    value: String,
) -> Result<String, StoreError> {
    sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query("SELECT value FROM meta WHERE name = $1")
        .bind(name)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}
