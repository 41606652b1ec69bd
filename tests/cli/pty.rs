//! Runs of `ebb` on a terminal of a given kind and width.

use {
    crate::support::{send_signal, Key, Lab, EBB},
    rexpect::{
        process::WaitStatus,
        session::{spawn_command, PtySession},
    },
    std::{fs, process::Command},
};

const TIMEOUT_MS: u64 = 30_000;

/// What decides how a terminal is written to, and nothing else of it is set.
const VARIABLES: [&str; 6] = [
    "TERM",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "CI",
];

/// A terminal that `ebb` is run on.
#[derive(Clone, Copy)]
pub struct Pty<'a> {
    pub lab: &'a Lab,
    /// Its columns; 0 where it does not say.
    pub columns: u16,
    pub variables: &'a [(&'a str, &'a str)],
}

impl<'a> Pty<'a> {
    /// A terminal that does not say how wide it is, and whose TERM is this.
    pub fn of_kind(lab: &'a Lab, variables: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            lab,
            columns: 0,
            variables,
        }
    }

    /// A terminal without colours, so wide.
    pub fn wide(lab: &'a Lab, columns: u16) -> Self {
        Self {
            lab,
            columns,
            variables: &[("TERM", "xterm"), ("NO_COLOR", "1")],
        }
    }

    /// Starts `ebb` on it.
    pub fn start(&self, key: Option<&Key>, args: &[&str]) -> PtySession {
        let mut command = Command::new("sh");
        let script = format!(
            "echo $$ >pid; stty -echo cols {}; exec \"$@\"",
            self.columns
        );
        command.args(["-c", &script, "sh", EBB, "--url", &self.lab.url()]);
        if let Some(key) = key {
            command.args(["--keypair", &key.path]);
        }
        command.args(args).current_dir(self.lab.path());
        command.env("HOME", self.lab.path());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.envs(self.variables.iter().copied());
        spawn_command(command, Some(TIMEOUT_MS)).unwrap()
    }

    /// Runs `ebb` on it to its end, and returns what it wrote, with plain line ends, and its exit code.
    pub fn run(&self, key: Option<&Key>, args: &[&str]) -> (String, i32) {
        let mut session = self.start(key, args);
        let said = session.exp_eof().unwrap();
        (said.replace("\r\n", "\n"), exit_code(&session))
    }
}

/// Sends a signal to the last run that was started.
pub fn kill(lab: &Lab, signal: &str) {
    let pid = fs::read_to_string(lab.path().join("pid")).unwrap();
    send_signal(pid.trim(), signal);
}

/// The exit code of a run that ended.
pub fn exit_code(session: &PtySession) -> i32 {
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => code,
        other => panic!("{other:?}"),
    }
}
