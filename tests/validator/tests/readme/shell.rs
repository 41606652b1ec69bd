//! The shell of a new user: an empty directory, a key, and `ebb` and the validator on its PATH.

use {
    ebb_validator_tests::{ebb_binary, validator_binary, Permit},
    solana_sdk::{signature::Keypair, signer::EncodableKey},
    std::{
        fs,
        net::{Ipv4Addr, TcpListener, UdpSocket},
        os::unix::{fs::symlink, process::CommandExt},
        path::PathBuf,
        process::{Child, Command, Stdio},
        thread,
        time::{Duration, Instant},
    },
    tempfile::{NamedTempFile, TempDir},
};

/// The ports of a validator that is given none: JSON RPC, its subscriptions, the faucet and gossip.
const PORTS: [u16; 4] = [8899, 8900, 9900, 8000];
/// How long a command may take.
const TIMEOUT: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(50);
/// Kills its process group once its input ends, which happens however this process ends.
const KEEPER: &str = "trap '' INT TERM HUP; cat >/dev/null; kill -9 0";

/// Where commands run. All of them end with it, also those in the background.
pub struct Shell {
    keeper: Child,
    home: TempDir,
    /// To run a validator, if one is started in it.
    _permit: Option<Permit>,
}

/// A command that runs.
pub struct Running {
    command: String,
    process: Child,
    said: NamedTempFile,
}

impl Shell {
    /// One for a validator that is started in it.
    pub fn new() -> Self {
        let permit = Permit::wait();
        PORTS.into_iter().for_each(until_free);
        let mut shell = Self::in_new_home();
        shell._permit = Some(permit);
        shell
    }

    /// One whose Solana CLI has a cluster's URL in its config file.
    pub fn with_cluster(url: &str) -> Self {
        let shell = Self::in_new_home();
        let folder = shell.home.path().join(".config/solana/cli");
        fs::create_dir_all(&folder).expect("a folder");
        let config = format!("json_rpc_url: {url}\nwebsocket_url: ''\nkeypair_path: none\n");
        fs::write(folder.join("config.yml"), config).expect("a config file");
        shell
    }

    /// Where commands run.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("empty")
    }

    fn in_new_home() -> Self {
        let home = tempfile::tempdir().expect("a home");
        for folder in ["bin", "empty", ".config/solana"] {
            fs::create_dir_all(home.path().join(folder)).expect("a folder in it");
        }
        let link = |binary: PathBuf, name| {
            let binary = fs::canonicalize(binary).expect("the binary is there");
            symlink(binary, home.path().join("bin").join(name)).expect("a link to it");
        };
        link(ebb_binary(), "ebb");
        link(validator_binary(), "solana-test-validator");
        let key = home.path().join(".config/solana/id.json");
        Keypair::new().write_to_file(key).expect("a key");
        let keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh starts");
        Self {
            keeper,
            home,
            _permit: None,
        }
    }

    /// Runs a command, which must succeed, and returns what it said.
    pub fn run(&self, command: &str) -> String {
        self.start(command).end()
    }

    /// Starts a command.
    pub fn start(&self, command: &str) -> Running {
        let said = NamedTempFile::new().expect("a file");
        let writer = || said.as_file().try_clone().expect("the file once more");
        let bin = self.home.path().join("bin");
        let process = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.folder())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .process_group(self.keeper.id().try_into().expect("a process's id"))
            .stdin(Stdio::null())
            .stdout(writer())
            .stderr(writer())
            .spawn()
            .expect("sh starts");
        Running {
            command: command.to_owned(),
            process,
            said,
        }
    }
}

/// Waits until nobody holds a port: a validator of other tests may be about to end.
fn until_free(port: u16) {
    let address = (Ipv4Addr::LOCALHOST, port);
    let started = Instant::now();
    while let Err(error) = TcpListener::bind(address).and_then(|_| UdpSocket::bind(address)) {
        assert!(
            started.elapsed() < TIMEOUT,
            "the README's validator takes port {port}, which is not free: {error}"
        );
        thread::sleep(POLL);
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().expect("it ends, and its group with it");
    }
}

impl Running {
    /// Waits until it has said this.
    pub fn says(&mut self, text: &str) {
        self.wait_for(|it| it.said().contains(text).then_some(()));
    }

    /// Waits until it ends, which it must do with success, and returns what it said.
    pub fn end(mut self) -> String {
        let status = self.wait_for(|it| it.process.try_wait().expect("it can be asked"));
        let said = self.said();
        assert!(status.success(), "{}: {status}: {said}", self.command);
        said
    }

    fn wait_for<T>(&mut self, mut check: impl FnMut(&mut Self) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(seen) = check(self) {
                return seen;
            }
            let (command, said) = (&self.command, self.said());
            assert!(
                started.elapsed() < TIMEOUT,
                "{command} takes too long: {said}"
            );
            thread::sleep(POLL);
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(self.said.path()).expect("it writes UTF-8")
    }
}
