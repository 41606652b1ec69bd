//! What arrives at a socket as systemd has it, from a server in a process of its own.

use {
    crate::{
        view::tests::{device, quiet::Quiet},
        ServeOptions, Server,
    },
    ebb_sdk::{client::Client, state::ProvisioningStatus::Activated, ID},
    std::{
        env, fs,
        future::pending,
        io::{self, BufRead, BufReader, ErrorKind},
        os::unix::net::UnixDatagram,
        path::PathBuf,
        process::{Child, ChildStdout, Command, Stdio},
        sync::{atomic::Ordering, Arc},
        thread,
        time::Duration,
    },
    tempfile::TempDir,
};

/// In the child process, a folder with a file for each fault of its ledger.
const FAULTS: &str = "EBB_TEST_FAULTS";
const HANGS: &str = "hangs";
const AWAY: &str = "away";
/// How long the child process goes on once its reader hangs: several times what is between two reports.
const GOES_ON: Duration = Duration::from_secs(4);
const SILENCE: Duration = Duration::from_secs(60);

/// A server in a child process, and the socket that it reports to.
struct Service {
    child: Child,
    said: BufReader<ChildStdout>,
    socket: UnixDatagram,
    dir: TempDir,
}

impl Service {
    fn start(faults: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(SILENCE)).unwrap();
        for fault in faults {
            fs::write(dir.path().join(fault), "").unwrap();
        }
        // This very test program with nothing but the server below.
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "server::systemd::tests::server"])
            .args(["--ignored", "--nocapture"])
            .env("NOTIFY_SOCKET", path)
            .env(FAULTS, dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            said: BufReader::new(child.stdout.take().unwrap()),
            child,
            socket,
            dir,
        }
    }

    /// The next message.
    fn message(&self) -> io::Result<String> {
        let mut message = [0; 1_000];
        let len = self.socket.recv(&mut message)?;
        Ok(String::from_utf8(message[..len].to_vec()).unwrap())
    }

    /// The messages that have arrived.
    fn arrived(&self) -> Vec<String> {
        self.socket.set_nonblocking(true).unwrap();
        let mut arrived = vec![];
        loop {
            match self.message() {
                Ok(message) => arrived.push(message),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    return arrived;
                }
            }
        }
    }

    /// Waits until the child process writes a line.
    fn says(&mut self, expected: &str) {
        let mut line = String::new();
        while line.trim() != expected {
            line.clear();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "it ended");
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a child process of the tests below"]
async fn server() {
    let faults = PathBuf::from(env::var_os(FAULTS).unwrap());
    let hangs = faults.join(HANGS);
    let ledger = Quiet::new(device("a", Activated)).on_reading(move |_| {
        if hangs.exists() {
            println!("\nhangs");
            thread::spawn(|| {
                thread::sleep(GOES_ON);
                println!("over");
            });
            thread::park_timeout(SILENCE);
        }
    });
    let is_away = faults.join(AWAY).exists();
    ledger.is_away.store(is_away, Ordering::Relaxed);
    let options = ServeOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        interval: Duration::from_millis(200),
        ..ServeOptions::default()
    };
    let client = Client::new(Arc::new(ledger), ID);
    let server = Server::bind(client, options).await.unwrap();
    server.run(pending(), |_| ()).await.unwrap();
}

#[test]
fn the_watchdog_hears_nothing_more_once_the_reader_hangs() {
    let mut service = Service::start(&[]);
    let status = "STATUS=slot 7, lag 0 slots, 1 devices\n";
    let expected = ["READY=1", "WATCHDOG=1", "WATCHDOG=1"].map(|it| format!("{it}\n{status}"));
    let mut messages = vec![];
    while messages.len() < expected.len() {
        let message = service.message().unwrap();
        // Those before the ledger was read for the first time.
        if !message.starts_with("EXTEND_TIMEOUT_USEC=") {
            messages.push(message);
        }
    }
    assert_eq!(messages, expected);
    fs::write(service.dir.path().join(HANGS), "").unwrap();
    service.says("hangs");
    service.arrived();
    service.says("over");
    assert_eq!(service.arrived(), Vec::<String>::new());
}

#[test]
fn a_server_without_a_view_is_waited_for_and_not_ready() {
    let service = Service::start(&[AWAY]);
    for _ in 0..3 {
        assert_eq!(
            service.message().unwrap(),
            "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waiting for the ledger\n"
        );
    }
}
