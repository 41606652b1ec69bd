//! A server of a test's ledger, and who asks it.

use {
    crate::support::{send_signal, Lab, EBB},
    reqwest::blocking::{Client, RequestBuilder, Response},
    serde_json::Value,
    std::{
        io::{BufRead, BufReader, Read},
        net::TcpStream,
        process::{Child, ChildStderr, Command, Stdio},
        thread,
        time::{Duration, Instant},
    },
};

/// How long an answer may take that waits for nothing.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs as long as the test holds it.
pub struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    url: String,
    client: Client,
}

impl Server {
    /// A server of the test's ledger at a free port.
    pub fn start(lab: &Lab) -> Self {
        Self::start_with(lab, &[])
    }

    /// The same with more options.
    pub fn start_with(lab: &Lab, options: &[&str]) -> Self {
        Self::run(lab, Command::new(EBB), options)
    }

    /// The same with more variables in its environment.
    pub fn start_as(lab: &Lab, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(EBB);
        command.envs(variables.iter().copied());
        Self::run(lab, command, options)
    }

    /// The same by a shell, after it has done something.
    #[cfg(unix)]
    pub fn start_after(lab: &Lab, shell: &str, options: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{shell}; exec \"$0\" \"$@\""), EBB]);
        Self::run(lab, command, options)
    }

    fn run(lab: &Lab, mut command: Command, options: &[&str]) -> Self {
        let url = lab.url();
        command.arg("serve");
        if !options.contains(&"--url") {
            command.args(["--url", &url]);
        }
        if !options.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let store = lab.path().join("history.sqlite");
        let names_store = ["--history", "--no-history"];
        if !options.iter().any(|option| names_store.contains(option)) {
            command.arg("--history").arg(store);
        }
        let mut child = command
            .args(options)
            .current_dir(lab.path())
            .env("HOME", lab.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("serving on ");
        Self {
            url: address.unwrap_or_else(|| panic!("{line}")).to_owned(),
            child,
            stderr,
            client: Client::builder().timeout(PATIENCE).build().unwrap(),
        }
    }

    /// The next line of stderr.
    pub fn says(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port it listens on.
    pub fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap()
    }

    /// A bare connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(format!("127.0.0.1:{}", self.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sets a limit of the process, as `prlimit` names it.
    #[cfg(target_os = "linux")]
    pub fn limit(&self, name: &str, soft: &str) {
        let (pid, limit) = (self.child.id().to_string(), format!("--{name}={soft}:"));
        let set = Command::new("prlimit")
            .args(["--pid", &pid, &limit])
            .status();
        assert!(set.unwrap().success(), "{limit}");
    }

    /// A request that is not sent yet.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// What a path answers.
    pub fn get(&self, path: &str) -> Response {
        self.request("GET", path).send().unwrap()
    }

    /// The JSON of a path that answers 200.
    #[track_caller]
    pub fn json(&self, path: &str) -> Value {
        let response = self.get(path);
        assert_eq!(response.status(), 200, "{path}");
        response.json().unwrap()
    }

    /// The JSON of a path, once `is_right` holds of it.
    #[track_caller]
    pub fn json_when(&self, path: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let response = self.get(path);
            let json: Value = response.json().unwrap();
            if is_right(&json) {
                return json;
            }
            assert!(Instant::now() < deadline, "{json}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The codes of the devices that a query answers.
    #[track_caller]
    pub fn codes(&self, query: &str) -> Vec<String> {
        let list = self.json(&format!("/api/v1/devices{query}"));
        let devices = list["devices"].as_array().unwrap().iter();
        devices
            .map(|device| device["code"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The detail of the problem that a path answers.
    #[track_caller]
    pub fn problem(&self, path: &str, status: u16) -> String {
        detail(self.get(path), status)
    }

    /// Opens a stream.
    #[track_caller]
    pub fn stream(&self, path: &str) -> Events {
        let response = self.get(path);
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events::of(response)
    }

    /// Sends a signal.
    #[cfg(unix)]
    pub fn kill(&self, signal: &str) {
        send_signal(self.child.id(), signal);
    }

    /// Waits until it has ended, and returns its exit code and the rest of stderr.
    pub fn end(mut self) -> (i32, String) {
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code().unwrap(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A problem document.
#[track_caller]
pub fn problem(response: Response) -> Value {
    let status = response.status();
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    let problem: Value = response.json().unwrap();
    assert_eq!(problem["status"], status.as_u16(), "{problem}");
    assert_eq!(problem["type"], "about:blank", "{problem}");
    assert_eq!(problem["title"], status.canonical_reason().unwrap());
    problem
}

/// The detail of a problem document.
#[track_caller]
pub fn detail(response: Response, status: u16) -> String {
    assert_eq!(response.status(), status);
    problem(response)["detail"].as_str().unwrap().to_owned()
}

/// Server-sent events.
pub struct Events(BufReader<Response>);

/// One of them.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Events {
    /// The events of an answer.
    pub fn of(response: Response) -> Self {
        Self(BufReader::new(response))
    }

    /// The next event that has a name and is of no location or contributor; `None` once the stream is over.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.named()?;
            if !["location", "contributor"].contains(&event.name.as_str()) {
                return Some(event);
            }
        }
    }

    /// The next event that has a name; `None` once the stream is over.
    pub fn named(&mut self) -> Option<Event> {
        loop {
            let event = self.any()?;
            if !event.name.is_empty() {
                return Some(event);
            }
        }
    }

    /// The next event, heartbeats included, which have no name.
    pub fn any(&mut self) -> Option<Event> {
        let mut event = Event {
            name: String::new(),
            id: None,
            data: Value::Null,
        };
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            match line.trim_end().split_once(':') {
                Some(("event", name)) => event.name = name.trim().to_owned(),
                Some(("id", id)) => event.id = Some(id.trim().to_owned()),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ if line == "\n" => return Some(event),
                _ => {}
            }
        }
    }
}
