//! Running programs of the operator's.

use {
    crate::Unknown,
    nix::{
        sys::signal::{killpg, Signal},
        unistd::Pid,
    },
    std::{path::Path, process::Stdio, time::Duration},
    tokio::{
        io::AsyncReadExt,
        process::{Child, Command},
        time::timeout,
    },
};

/// The most that is read of what a program prints, in bytes.
const MAX_OUTPUT_LEN: u64 = 1024 * 1024;

/// How a program ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it printed on stdout.
    pub stdout: String,
}

/// Runs a program and waits until it ends. Its stderr is the agent's own.
///
/// # Errors
/// It cannot be started, takes longer than `within`, which ends it and what it has started, or prints more than a MiB or what is
/// not UTF-8.
pub async fn run(
    path: &Path,
    environment: &[(&str, &str)],
    stdin: Stdio,
    within: Duration,
) -> Result<Ended, Unknown> {
    let at = |problem: String| Unknown::because(format!("{}: {problem}", path.display()));
    let child = Command::new(path)
        .envs(environment.iter().copied())
        .stdin(stdin)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .process_group(0)
        .spawn()
        .map_err(|error| at(format!("cannot be started: {error}")))?;
    match timeout(within, end(Group::of(child))).await {
        Ok(ended) => ended.map_err(|problem| at(problem.to_string())),
        Err(_) => Err(at(format!("did not end within {} s", within.as_secs()))),
    }
}

/// A program with what it has started: all of it is killed with the value, unless the program has ended.
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Group {
    fn of(child: Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self {
            child,
            leader: id.map(Pid::from_raw),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.leader {
            // It may have ended just now.
            let _ = killpg(leader, Signal::SIGKILL);
        }
    }
}

async fn end(mut group: Group) -> Result<Ended, Unknown> {
    let mut printed = vec![];
    if let Some(stdout) = group.child.stdout.take() {
        let mut limited = stdout.take(MAX_OUTPUT_LEN + 1);
        let read = limited.read_to_end(&mut printed).await;
        read.map_err(Unknown::because)?;
    }
    if printed.len() as u64 > MAX_OUTPUT_LEN {
        return Err(Unknown::because("prints more than 1 MiB"));
    }
    let stdout =
        String::from_utf8(printed).map_err(|_| Unknown::because("prints what is not UTF-8"))?;
    let status = group.child.wait().await.map_err(Unknown::because)?;
    // What it leaves running is its own affair.
    group.leader = None;
    Ok(Ended {
        code: status.code(),
        stdout,
    })
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        std::{
            fs::{self, File},
            os::unix::fs::PermissionsExt,
        },
        tokio::time::{sleep, Instant},
    };

    #[tokio::test]
    async fn what_a_program_has_started_ends_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let (program, input) = (dir.path().join("program"), dir.path().join("input"));
        // The shell waits for another process, which has the same stdin.
        fs::write(&program, "#!/bin/sh\nsleep 600\necho\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(&input, "").unwrap();
        let stdin = File::open(&input).unwrap();
        stdin.lock().unwrap();
        let limit = Duration::from_millis(500);
        let ended = run(&program, &[], stdin.into(), limit).await;
        let late = format!("{}: did not end within 0 s", program.display());
        assert_eq!(ended, Err(Unknown::because(late)));
        let (input, deadline) = (File::open(&input).unwrap(), Instant::now() + limit * 20);
        while input.try_lock().is_err() {
            assert!(Instant::now() < deadline, "what it has started runs on");
            sleep(Duration::from_millis(10)).await;
        }
    }
}
