//! A PostgreSQL server of the test's own, in a temporary directory, and what only it can do to a store.

use {
    super::{append, open, tape, walked, Home, IDENTITY},
    crate::store::{Appended, Location, Selection, Store},
    ebb_sdk::ledger::Finality::Confirmed,
    nix::unistd::{geteuid, User},
    sqlx::{Connection, Executor, PgConnection},
    std::{
        env, fs,
        net::TcpListener,
        os::unix::{fs::chown, process::CommandExt},
        path::PathBuf,
        process::{Command, Stdio},
    },
    tempfile::TempDir,
};

/// A running server. It stops when this is dropped.
pub struct Server {
    programs: PathBuf,
    user: Option<User>,
    dir: TempDir,
    port: u16,
}

/// A database of a server's.
pub struct Database<'a> {
    server: &'a Server,
    name: String,
}

impl Home for Database<'_> {
    fn location(&self, name: &str) -> Location {
        let name = format!("{}_{name}", self.name);
        self.server.create(&name);
        self.server.url(&name).parse().unwrap()
    }
}

impl Server {
    /// Starts a server; `None` where PostgreSQL is left out on purpose.
    pub fn start() -> Option<Self> {
        if env::var_os("EBB_SKIP_POSTGRESQL").is_some_and(|skip| skip == "1") {
            return None;
        }
        let found = newest_programs();
        let programs = found.expect(
            "PostgreSQL's server is not here: scripts/postgresql installs it, and EBB_SKIP_POSTGRESQL=1 leaves out its tests",
        );
        // The server refuses to run as root.
        let user = geteuid().is_root().then(|| {
            let user = User::from_name("postgres").unwrap();
            user.or_else(|| User::from_name("nobody").unwrap()).unwrap()
        });
        let dir = tempfile::tempdir().unwrap();
        if let Some(user) = &user {
            let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
            chown(dir.path(), Some(uid), Some(gid)).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Self {
            programs,
            user,
            dir,
            port,
        };
        let options = "--username=ebb --auth=trust --encoding=UTF8 --locale=C --no-sync -D data";
        server.run("initdb", options.split(' '));
        server.begin();
        Some(server)
    }

    /// Starts the server in its directory.
    pub fn begin(&self) {
        let place = self.dir.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place}",
            self.port
        );
        let words = [
            "-D", "data", "-w", "-t", "300", "-l", "log", "-o", &options, "start",
        ];
        self.run("pg_ctl", words.into_iter());
    }

    /// Ends it as a restart does, with connections open.
    pub fn end(&self) {
        self.run("pg_ctl", "-D data -w -t 300 -m fast stop".split(' '));
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://ebb@127.0.0.1:{}/{database}", self.port)
    }

    /// A place for the stores of a test.
    pub fn database(&self, name: &str) -> Database<'_> {
        // A database's name has at most 63 bytes.
        let name = name.chars().take(50).collect();
        Database { server: self, name }
    }

    fn create(&self, name: &str) {
        let url = self.url("postgres");
        let create = format!("CREATE DATABASE \"{name}\"");
        std::thread::scope(|scope| {
            let made = scope.spawn(|| execute(&url, create));
            // A test that names its store twice means the same one.
            let _ = made.join().unwrap();
        });
    }

    fn run<'a>(&self, program: &str, words: impl Iterator<Item = &'a str>) {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(words)
            .current_dir(self.dir.path())
            .env("LC_ALL", "C");
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        // The server that pg_ctl leaves behind would keep a pipe open.
        let output = fs::File::create(self.dir.path().join("output")).unwrap();
        let status = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .status()
            .unwrap();
        let said = fs::read_to_string(self.dir.path().join("output")).unwrap();
        assert!(status.success(), "{program}: {said}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut command = Command::new(self.programs.join("pg_ctl"));
        let command = command
            .args(["-D", "data", "-m", "immediate", "stop"])
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        // It may have ended before.
        let _ = command.status();
    }
}

/// Where the newest version's programs are.
fn newest_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(version);
    Some(newest?.join("bin"))
}

/// Runs a statement on a connection of its own.
fn execute(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        connection.execute(sqlx::AssertSqlSafe(sql)).await?;
        connection.close().await
    })
}

#[test]
fn what_a_lost_server_and_a_lost_writer_leave() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(restart_in_the_middle(&server));
    runtime.block_on(a_writer_whose_session_ends_is_followed(&server));
}

async fn restart_in_the_middle(server: &Server) {
    let database = server.database("restart");
    let (store, mut writer) = open(&database, "a").await;
    let records = tape::life(tape::device(10), 1, 100, 50);
    append(&mut writer, Confirmed, 124, &records[..25]).await;
    server.end();
    let at = super::cursor(149);
    let error = writer.append(walked(Confirmed, &at, &records)).await;
    assert!(error.unwrap_err().is_outage());
    let error = store.appended(&Selection::default(), 0, 100).await;
    assert!(error.unwrap_err().is_outage());
    assert!(store.try_writer().await.unwrap_err().is_outage());
    server.begin();
    let mut writer = store.try_writer().await.unwrap().unwrap();
    let appended = append(&mut writer, Confirmed, 149, &records).await;
    assert_eq!(appended.events, 25);
    let entries = store.appended(&Selection::default(), 0, 100).await.unwrap();
    let read: Vec<_> = entries.into_iter().map(|entry| entry.record).collect();
    assert_eq!(read, records);
}

async fn a_writer_whose_session_ends_is_followed(server: &Server) {
    let database = server.database("followed");
    let (store, mut first) = open(&database, "a").await;
    let records = tape::life(tape::device(10), 1, 100, 10);
    append(&mut first, Confirmed, 104, &records[..5]).await;
    let other = Store::open(&database.location("a"), IDENTITY)
        .await
        .unwrap();
    assert!(other.try_writer().await.unwrap().is_none());
    let mut admin = PgConnection::connect(&server.url("followed_a"))
        .await
        .unwrap();
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    admin.execute(end).await.unwrap();
    let mut second = loop {
        if let Some(writer) = other.try_writer().await.unwrap() {
            break writer;
        }
    };
    append(&mut second, Confirmed, 109, &records).await;
    let at = super::cursor(109);
    let error = first.append(walked(Confirmed, &at, &records)).await;
    assert!(error.unwrap_err().is_outage());
    let again = append(&mut second, Confirmed, 109, &records).await;
    assert_eq!(again, Appended::default());
    assert_eq!(store.position().await.unwrap(), 10);
}
