//! A ledger of its own for each test, and what a run of `ebb` left behind.

use {
    assert_cmd::Command,
    serde_json::Value,
    solana_sdk::{
        signature::{write_keypair_file, Keypair},
        signer::Signer,
    },
    std::{
        fs,
        path::{Path, PathBuf},
        process,
    },
    tempfile::TempDir,
};

/// The binary under test.
pub const EBB: &str = env!("CARGO_BIN_EXE_ebb");

/// A folder that goes with the test, with an embedded ledger in it, and no settings of whoever runs the tests.
pub struct Lab {
    dir: TempDir,
}

/// A key in a file.
pub struct Key {
    pub path: String,
    pub pubkey: String,
}

/// What a run of `ebb` left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The arguments of a command in a shell's quotes, without the program's name.
pub fn arguments(line: &str) -> Vec<String> {
    let mut arguments = vec![];
    for (at, part) in line.split('\'').enumerate() {
        match at % 2 {
            0 => arguments.extend(part.split_whitespace().map(str::to_owned)),
            _ => arguments.push(part.to_owned()),
        }
    }
    arguments.remove(0);
    arguments
}

/// Sends a signal, as `INT`, to a process.
#[track_caller]
pub fn send_signal(pid: impl ToString, signal: &str) {
    let pid = pid.to_string();
    let sent = process::Command::new("kill")
        .args(["-s", signal, &pid])
        .status();
    assert!(sent.unwrap().success(), "{signal} to {pid}");
}

impl Lab {
    /// A folder without a ledger.
    pub fn new() -> Self {
        let mut builder = tempfile::Builder::new();
        // Some tests make a ledger of it, which nobody else may write to whatever the umask.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        Self {
            dir: builder.tempdir().unwrap(),
        }
    }

    /// A ledger with the program and nothing else.
    pub fn without_registry() -> Self {
        let lab = Self::new();
        lab.ebb(&["program", "deploy"]).exits(0);
        lab
    }

    /// A ledger with a registry, whose authority is the ledger's default key.
    pub fn initialized() -> Self {
        let lab = Self::new();
        lab.ebb(&["init"]).exits(0);
        lab
    }

    /// As [`Lab::initialized`], with the location `ams`, the contributor `co01` and the activated device `ams-dz001`.
    /// Returns the contributor's key and the agent's.
    pub fn in_service() -> (Self, Key, Key) {
        let lab = Self::initialized();
        let (owner, agent) = (lab.key("owner"), lab.key("agent"));
        lab.create_location("ams").exits(0);
        lab.ebb(&[
            "contributor",
            "create",
            "co01",
            "--authority",
            &owner.pubkey,
        ])
        .exits(0);
        lab.ebb_as(
            &owner,
            &[
                "device",
                "create",
                "ams-dz001",
                "--contributor",
                "co01",
                "--location",
                "ams",
                "--type",
                "hybrid",
                "--public-ip",
                "195.219.138.50",
                "--max-sessions",
                "2",
                "--agent",
                &agent.pubkey,
            ],
        )
        .exits(0);
        lab.ebb(&["device", "activate", "ams-dz001"]).exits(0);
        (lab, owner, agent)
    }

    /// Creates a location with no disruption budget.
    pub fn create_location(&self, code: &str) -> Run {
        self.ebb(&[
            "location",
            "create",
            code,
            "--name",
            "Amsterdam",
            "--country",
            "NL",
            "--lat",
            "52.3",
            "--lng",
            "4.94",
        ])
    }

    /// The test's folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The ledger's folder.
    pub fn ledger(&self) -> PathBuf {
        self.path().join("ledger")
    }

    /// `--url` of the ledger.
    pub fn url(&self) -> String {
        format!("embedded:{}", self.ledger().display())
    }

    /// Makes a key.
    pub fn key(&self, name: &str) -> Key {
        let key = Keypair::new();
        let path = self.path().join(format!("{name}.json"));
        write_keypair_file(&key, &path).unwrap();
        Key {
            path: path.to_str().unwrap().to_owned(),
            pubkey: key.pubkey().to_string(),
        }
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs `ebb` on the ledger with its default key.
    pub fn ebb(&self, args: &[&str]) -> Run {
        let url = self.url();
        self.bare(&[&["--url", &url], args].concat())
    }

    /// Runs `ebb` on the ledger with another key, which a verb that only reads does not take.
    pub fn ebb_as(&self, key: &Key, args: &[&str]) -> Run {
        match args {
            [_, "get" | "history" | "show" | "list" | "ls" | "watch", ..] => self.ebb(args),
            _ => self.ebb(&[&["--keypair", &key.path], args].concat()),
        }
    }

    /// Runs `ebb` with these arguments and no others.
    pub fn bare(&self, args: &[&str]) -> Run {
        self.with(|command| command.args(args))
    }

    /// Runs a line as a new user's shell would, in the test's folder and with `ebb` on its PATH.
    pub fn shell(&self, line: &str) -> Run {
        Run::of(&mut Command::from_std(self.shell_command(line)))
    }

    /// The same, which is not run yet.
    pub fn shell_command(&self, line: &str) -> process::Command {
        let bin = Path::new(EBB).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut shell = process::Command::new("sh");
        shell
            .args(["-c", line])
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path());
        shell
    }

    /// Runs `ebb` as set up.
    pub fn with(&self, set_up: impl FnOnce(&mut Command) -> &mut Command) -> Run {
        let mut command = Command::new(EBB);
        command.current_dir(self.path()).env("HOME", self.path());
        for variable in [
            "EBB_DIR",
            "EBB_HISTORY",
            "EBB_KEY_STORE",
            "EBB_PROGRAM_ID",
            "EBB_SERVER",
            "EBB_SERVER_TOKEN_FILE",
            "XDG_DATA_HOME",
            "CLICOLOR_FORCE",
        ] {
            command.env_remove(variable);
        }
        Run::of(set_up(&mut command))
    }
}

impl Run {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "\nstdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Asserts that stdout holds a text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "no `{text}` in stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that stdout is empty.
    #[track_caller]
    pub fn says_nothing(self) -> Self {
        assert_eq!(self.stdout, "");
        self
    }

    /// Asserts that stderr holds a text.
    #[track_caller]
    pub fn warns(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "no `{text}` in stderr:\n{}\nstdout:\n{}",
            self.stderr,
            self.stdout
        );
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        let json: Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(json["schema_version"], 1);
        json
    }

    /// The only item of a mutation's JSON.
    #[track_caller]
    pub fn item(&self) -> Value {
        let json = self.json();
        let items = json["results"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{json}");
        items[0].clone()
    }

    /// The error in stderr's JSON.
    #[track_caller]
    pub fn error(&self) -> Value {
        let json: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        json["error"].clone()
    }
}
