//! An agent beside a device of a test's ledger, whose users a program prints.

use {
    crate::{
        fleet::DEVICE,
        server::PATIENCE,
        support::{send_signal, Key, Lab, EBB},
    },
    serde_json::Value,
    std::{
        fs,
        io::{BufRead, BufReader, Read},
        os::unix::fs::PermissionsExt,
        path::PathBuf,
        process::{Child, ChildStderr, Command, Stdio},
        thread,
        time::{Duration, Instant},
    },
};

/// A device in service, and the file of the users who are connected to it.
pub struct Site {
    pub lab: Lab,
    pub owner: Key,
    pub agent: Key,
}

impl Site {
    pub fn new() -> Self {
        let (lab, owner, agent) = Lab::in_service();
        let site = Self { lab, owner, agent };
        site.connect(&[]);
        site.script("users", "exec cat \"$(dirname \"$0\")/connected\"");
        site
    }

    /// These users are connected from now on, and no others.
    pub fn connect(&self, users: &[&str]) {
        let lines: String = users.iter().map(|user| format!("{user}\n")).collect();
        let new = self.lab.file("connected.new", &lines);
        fs::rename(new, self.lab.path().join("connected")).unwrap();
    }

    /// Writes a program and returns its path.
    pub fn script(&self, name: &str, text: &str) -> String {
        let path = self
            .lab
            .file(&format!("{name}.new"), &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let place = self.lab.path().join(name);
        fs::rename(path, &place).unwrap();
        place.to_str().unwrap().to_owned()
    }

    /// Where the agent keeps its state: the default place, as `session list` looks there too.
    pub fn state(&self) -> PathBuf {
        let agents = self.lab.path().join(".local/share/ebb/agent");
        agents.join(DEVICE)
    }

    /// The options of an agent of the device.
    pub fn options(&self) -> Vec<String> {
        let users = format!("exec:{}", self.lab.path().join("users").display());
        let state = self.state();
        let options = [
            "--url",
            &self.lab.url(),
            "--keypair",
            &self.agent.path,
            "--device",
            DEVICE,
            "--sessions",
            &users,
            "--state-directory",
            state.to_str().unwrap(),
            "--interval",
            "1s",
            "--absences",
            "2",
            "--listen",
            "127.0.0.1:0",
        ];
        options.map(str::to_owned).to_vec()
    }

    pub fn start(&self, more: &[&str]) -> Agent {
        Agent::start(&self.lab, &self.options(), more)
    }

    /// Runs an agent that ends by itself.
    #[track_caller]
    pub fn refused(&self, options: &[String], code: i32) -> String {
        let mut args = vec!["agent"];
        args.extend(options.iter().map(String::as_str));
        let run = self.lab.bare(&args).exits(code).says_nothing();
        run.stderr
    }

    /// The users that have sessions.
    pub fn sessions(&self) -> Vec<String> {
        let listed = self
            .lab
            .ebb(&["session", "list", DEVICE, "--output", "json"])
            .json();
        let sessions = listed["sessions"].as_array().unwrap().iter();
        let mut users: Vec<String> = sessions
            .map(|session| session["user"].as_str().unwrap().to_owned())
            .collect();
        users.sort();
        users
    }

    /// Waits until these users have sessions, and no others.
    #[track_caller]
    pub fn has_sessions(&self, users: &[&str]) {
        let mut wanted: Vec<String> = users.iter().map(|user| key_of(user)).collect();
        wanted.sort();
        wait_until(|| {
            let found = self.sessions();
            (found == wanted).then_some(()).ok_or(found)
        });
    }

    pub fn drain(&self, options: &[&str]) {
        let drain = [&["device", "drain", DEVICE, "--yes"], options].concat();
        self.lab.ebb_as(&self.owner, &drain).exits(0);
    }
}

/// The key of a user whom a device calls by a name.
pub fn key_of(user: &str) -> String {
    ebb_agent::of_label(user).to_string()
}

#[track_caller]
pub fn wait_until<T, E: std::fmt::Debug>(is_so: impl Fn() -> Result<T, E>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match is_so() {
            Ok(found) => return found,
            Err(found) if Instant::now() > deadline => panic!("{found:?}"),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// An agent that runs as long as the test holds it.
pub struct Agent {
    child: Child,
    stderr: Option<BufReader<ChildStderr>>,
    url: String,
}

impl Agent {
    pub fn start(lab: &Lab, options: &[String], more: &[&str]) -> Self {
        Self::start_with(lab, options, more, &[])
    }

    /// The same with these variables in its environment.
    pub fn start_with(
        lab: &Lab,
        options: &[String],
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut child = Command::new(EBB)
            .arg("agent")
            .args(options)
            .args(more)
            .current_dir(lab.path())
            .env("HOME", lab.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("serving on ") {
            line.clear();
            let read = stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "the agent ended");
        }
        let url = line.trim_end().trim_start_matches("serving on ").to_owned();
        Self {
            child,
            stderr: Some(stderr),
            url,
        }
    }

    /// What /readyz answers.
    pub fn readiness(&self) -> Value {
        let answer = reqwest::blocking::get(format!("{}/readyz", self.url)).unwrap();
        answer.json().unwrap()
    }

    /// Waits until the agent is in a phase.
    #[track_caller]
    pub fn is(&self, phase: &str) {
        wait_until(|| {
            let found = self.readiness();
            (found["phase"] == phase).then_some(()).ok_or(found)
        });
    }

    pub fn metrics(&self) -> String {
        let answer = reqwest::blocking::get(format!("{}/metrics", self.url)).unwrap();
        answer.text().unwrap()
    }

    /// Waits until a line is among the metrics.
    #[track_caller]
    pub fn shows(&self, line: &str) {
        wait_until(|| {
            let metrics = self.metrics();
            let is_there = metrics.lines().any(|other| other == line);
            is_there.then_some(()).ok_or(metrics)
        });
    }

    pub fn signal(&self, name: &str) {
        send_signal(self.child.id(), name);
    }

    /// Waits until it has ended, and returns its exit code and the rest of stderr.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stderr
            .take()
            .unwrap()
            .read_to_string(&mut rest)
            .unwrap();
        (self.child.wait().unwrap().code(), rest)
    }

    /// Its children live on, and keep its stderr open.
    pub fn kill(mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
