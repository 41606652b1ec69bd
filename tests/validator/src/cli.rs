use {
    crate::Validator,
    serde_json::Value,
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::EncodableKey},
    std::{
        env, fs,
        path::{Path, PathBuf},
        process::{self, Stdio},
        time::Duration,
    },
    tempfile::TempDir,
    tokio::{
        io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
        process::{Child, ChildStderr, Command},
        time::timeout,
    },
};

/// Names the `ebb` to run. By default the one that Cargo put next to the tests.
const BINARY: &str = "EBB_BIN";
/// How long a command may take: a deadline passes by the cluster's clock, which is slow where its slots are late.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The CLI on a validator, with a key.
pub struct Ebb {
    url: String,
    /// What `--program-id` names, if it does.
    program_id: Option<Pubkey>,
    /// Who signs: a key file, or a pubkey.
    keypair: String,
    /// A home of its own, so that no config file of the user counts.
    home: TempDir,
}

/// A command that runs. Dropping it ends it.
pub struct Running {
    command: String,
    process: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    said: String,
}

/// What came of a command.
#[derive(Debug)]
pub struct Run {
    /// Its exit code.
    pub code: Option<i32>,
    /// Its result.
    pub stdout: String,
    /// What else it said.
    pub stderr: String,
}

impl Ebb {
    /// The CLI as it runs for the holder of a key.
    pub fn new(validator: &Validator, program_id: &Pubkey, key: &Keypair) -> Self {
        let home = tempfile::tempdir().expect("a folder for the key");
        let file = home.path().join("id.json");
        key.write_to_file(&file).expect("the key is written");
        Self {
            url: validator.url(),
            program_id: Some(*program_id),
            keypair: file.to_str().expect("the path is UTF-8").to_owned(),
            home,
        }
    }

    /// The file of the key.
    pub fn key_file(&self) -> String {
        let file = self.home.path().join("id.json");
        file.to_str().expect("the path is UTF-8").to_owned()
    }

    /// Writes a file into the folder that commands run in.
    pub fn file(&self, name: &str, text: &str) {
        fs::write(self.home.path().join(name), text).expect("the file is written");
    }

    /// The same, talking to the validator through something else.
    pub fn through(self, url: String) -> Self {
        Self { url, ..self }
    }

    /// The same, where the signer's key is not at hand.
    pub fn signing_for(self, signer: &Pubkey) -> Self {
        Self {
            keypair: signer.to_string(),
            ..self
        }
    }

    /// The same, where no option names the program.
    pub fn without_program_id(self) -> Self {
        Self {
            program_id: None,
            ..self
        }
    }

    /// The same at another URL.
    pub fn talking_to(self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self
        }
    }

    /// A command that is not started yet.
    pub fn command(&self, arguments: &[&str]) -> process::Command {
        let mut command = process::Command::new(ebb_binary());
        command
            .args(arguments)
            .args(["--url", &self.url])
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("EBB_PROGRAM_ID")
            .env_remove("XDG_DATA_HOME");
        if takes_key(arguments) {
            command.args(["--keypair", &self.keypair]);
        }
        if let Some(program_id) = self.program_id {
            command.args(["--program-id", &program_id.to_string()]);
        }
        command
    }

    /// Starts a command. There is no terminal.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut process = Command::from(self.command(arguments))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("ebb starts");
        let stderr = process.stderr.take().expect("it is piped");
        Running {
            command: format!("ebb {}", arguments.join(" ")),
            process,
            stderr: BufReader::new(stderr).lines(),
            said: String::new(),
        }
    }

    /// Runs a command.
    pub async fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).end().await
    }

    /// Runs a command that succeeds, and reads what it prints as JSON.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--output", "json"]].concat()).await;
        assert_eq!(run.code, Some(0), "ebb {arguments:?}: {run:#?}");
        serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("ebb {arguments:?}: {error}: {}", run.stdout))
    }
}

/// Whether a verb asks who signs.
fn takes_key(arguments: &[&str]) -> bool {
    !matches!(
        arguments,
        [
            "completions" | "demo" | "history" | "lifecycle" | "man" | "serve" | "top",
            ..
        ] | [
            _,
            "get" | "history" | "info" | "list" | "ls" | "reset" | "show" | "watch",
            ..
        ]
    )
}

impl Running {
    /// Waits until it has said this on stderr.
    pub async fn says(&mut self, text: &str) {
        let said = async {
            while let Some(line) = self.stderr.next_line().await.expect("ebb writes UTF-8") {
                self.said = format!("{}{line}\n", self.said);
                if line.contains(text) {
                    return true;
                }
            }
            false
        };
        let said = timeout(TIMEOUT, said).await;
        assert_eq!(said, Ok(true), "{}: {}", self.command, self.said);
    }

    /// All that it has said on stderr so far.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Sends it a signal, as `TERM`.
    pub fn signal(&self, signal: &str) {
        let pid = self.process.id().expect("it runs").to_string();
        let killed = process::Command::new("kill")
            .args(["-s", signal, &pid])
            .status();
        assert!(killed.expect("kill starts").success(), "{}", self.command);
    }

    /// Waits until it ends.
    pub async fn end(mut self) -> Run {
        let mut out = self.process.stdout.take().expect("it is piped");
        let mut stdout = String::new();
        let stderr = async {
            while let Some(line) = self.stderr.next_line().await? {
                self.said = format!("{}{line}\n", self.said);
            }
            Ok(())
        };
        let end = async {
            tokio::try_join!(out.read_to_string(&mut stdout), stderr, self.process.wait())
        };
        let (_, (), status) = timeout(TIMEOUT, end)
            .await
            .unwrap_or_else(|_| panic!("{} takes longer than {TIMEOUT:?}", self.command))
            .expect("ebb writes UTF-8 and ends");
        Run {
            code: status.code(),
            stdout,
            stderr: self.said,
        }
    }
}

/// The file of `ebb`: `target/debug/ebb`, when this is `target/debug/deps/cli-…`.
pub fn ebb_binary() -> PathBuf {
    let binary = env::var_os(BINARY).map(PathBuf::from).unwrap_or_else(|| {
        let test = env::current_exe().expect("the test's own file");
        let folder = test.parent().and_then(Path::parent);
        folder.expect("Cargo's folders").join("ebb")
    });
    let found = fs::exists(&binary).is_ok_and(|found| found);
    assert!(
        found,
        "there is no {}: cargo build -p ebb-cli",
        binary.display()
    );
    binary
}
