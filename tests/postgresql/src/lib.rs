//! A PostgreSQL server of a test's own, in a temporary directory.
#![cfg(unix)]

use {
    nix::{
        sys::signal::{kill, Signal},
        unistd::{geteuid, Pid, User},
    },
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
        let options =
            "--username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync -D data";
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

    /// Makes its processes stand still until the return value is dropped: connections stay, and nothing is answered.
    pub fn freeze(&self) -> Frozen {
        let file = self.dir.path().join("data/postmaster.pid");
        let file = fs::read_to_string(file).unwrap();
        let postmaster = pids(file.lines().next().unwrap());
        let mut frozen = Frozen(vec![]);
        // The postmaster first, as it starts the others.
        frozen.stop(&postmaster);
        let pid = postmaster[0];
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        frozen.stop(&pids(&children.unwrap()));
        frozen
    }

    /// Where a database is, for its superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_as("postgres", database)
    }

    /// Where a database is for a user, who needs no password.
    pub fn url_as(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// What a shell sets so that `psql` and its like are this server's and come as its superuser.
    pub fn shell_variables(&self) -> String {
        let (programs, port) = (self.programs.display(), self.port);
        format!("export PATH={programs}:$PATH PGHOST=127.0.0.1 PGPORT={port} PGUSER=postgres")
    }

    /// Makes a database, unless it is there, and returns where it is.
    pub fn database(&self, name: &str) -> String {
        let port = self.port.to_string();
        let create = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", name];
        if let Err(said) = self.try_run("createdb", create.into_iter()) {
            assert!(said.contains("already exists"), "createdb: {said}");
        }
        self.url(name)
    }

    fn run<'a>(&self, program: &str, words: impl Iterator<Item = &'a str>) {
        self.try_run(program, words)
            .unwrap_or_else(|said| panic!("{program}: {said}"));
    }

    /// Runs a program of the server's. A failure is what it printed.
    fn try_run<'a>(
        &self,
        program: &str,
        words: impl Iterator<Item = &'a str>,
    ) -> Result<(), String> {
        // The server that pg_ctl leaves behind would keep a pipe open.
        let output = tempfile::tempfile_in(self.dir.path()).unwrap();
        let mut command = self.command(program);
        command
            .args(words)
            .env("LC_ALL", "C")
            .stdout(output.try_clone().unwrap())
            .stderr(output.try_clone().unwrap());
        if command.status().unwrap().success() {
            return Ok(());
        }
        Err(std::io::read_to_string(rewound(output)).unwrap())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}

/// Processes that stand still until this is dropped.
pub struct Frozen(Vec<Pid>);

impl Frozen {
    fn stop(&mut self, pids: &[Pid]) {
        for pid in pids {
            // One may have ended, as its connection has.
            let _ = kill(*pid, Signal::SIGSTOP);
            self.0.push(*pid);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _ = kill(*pid, Signal::SIGCONT);
        }
    }
}

fn pids(text: &str) -> Vec<Pid> {
    let pids = text.split_whitespace();
    pids.map(|pid| Pid::from_raw(pid.parse().unwrap()))
        .collect()
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut command = self.command("pg_ctl");
        let command = command
            .args(["-D", "data", "-m", "immediate", "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // It may have ended before.
        let _ = command.status();
    }
}

fn rewound(mut file: fs::File) -> fs::File {
    std::io::Seek::rewind(&mut file).unwrap();
    file
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
