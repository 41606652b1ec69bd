//! A run of `ebb` that prints without end.

use {
    crate::support::{send_signal, Lab, EBB},
    serde_json::Value,
    std::{
        io::{BufRead, BufReader, Lines},
        process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    },
};

/// A run that goes on as long as the test holds it.
pub struct Streaming {
    child: Child,
    stdout: Option<Lines<BufReader<ChildStdout>>>,
    stderr: Lines<BufReader<ChildStderr>>,
}

impl Streaming {
    /// Starts it in the folder of a lab, on the ledger of that.
    pub fn start(lab: &Lab, args: &[&str]) -> Self {
        Self::bare(lab, &[&["--url", &lab.url()], args].concat())
    }

    /// The same with these arguments and no others.
    pub fn bare(lab: &Lab, args: &[&str]) -> Self {
        let mut child = Command::new(EBB)
            .args(args)
            .current_dir(lab.path())
            .env("HOME", lab.path())
            .env_remove("EBB_SERVER")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        Self {
            child,
            stdout: Some(BufReader::new(stdout).lines()),
            stderr: BufReader::new(stderr).lines(),
        }
    }

    /// The next line of stdout.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let Some(line) = self.stdout.as_mut().unwrap().next() else {
            let said: Vec<_> = self.stderr.by_ref().map(Result::unwrap).collect();
            panic!("it has ended: {said:#?}");
        };
        line.unwrap()
    }

    /// The next line of stdout, as JSON.
    #[track_caller]
    pub fn json(&mut self) -> Value {
        let line = self.line();
        let json: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["schema_version"], 1, "{line}");
        json
    }

    /// The next line of stderr.
    pub fn says(&mut self) -> String {
        self.stderr.next().unwrap().unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        send_signal(self.child.id(), signal);
    }

    /// Reads stdout no more.
    pub fn hang_up(&mut self) {
        self.stdout = None;
    }

    /// Waits until it has ended by itself, and returns its exit code and the rest of stderr.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let mut rest: Vec<String> = vec![];
        rest.extend(self.stderr.by_ref().map(Result::unwrap));
        (self.child.wait().unwrap().code(), rest.join("\n"))
    }

    /// Ends it with Ctrl-C, and returns its exit code and what was left to print.
    pub fn end(mut self) -> (Option<i32>, Vec<String>) {
        self.signal("INT");
        let rest = self.stdout.take().unwrap().map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
