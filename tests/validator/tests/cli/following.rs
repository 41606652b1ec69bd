//! A run that prints without end.

use {
    serde_json::Value,
    std::{
        io::{BufRead, BufReader, Lines},
        process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    },
};

/// A run that goes on, and what it prints.
pub struct Following {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Lines<BufReader<ChildStderr>>,
}

impl Following {
    /// Starts a command that prints JSON lines.
    pub fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.stdin(Stdio::null()).spawn().expect("ebb starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let said = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        Self { child, lines, said }
    }

    /// The next line.
    pub fn line(&mut self) -> Value {
        let line = self.lines.next().expect("a line").expect("UTF-8");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Waits until it says this on stderr.
    pub fn says(&mut self, text: &str) {
        let mut said = self.said.by_ref().map(|line| line.expect("UTF-8"));
        assert!(said.any(|line| line.contains(text)), "{text}");
    }

    /// Ends it with Ctrl-C, and returns its exit code. It prints nothing more.
    pub fn end(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-s", "INT", &pid]).status();
        assert!(killed.expect("kill starts").success());
        assert_eq!(self.lines.by_ref().count(), 0);
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
