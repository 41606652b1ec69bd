//! Running programs of the operator's.

use {
    crate::Unknown,
    std::{path::Path, process::Stdio, time::Duration},
    tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
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

/// Runs a program with `input` on its stdin and waits until it ends. Its stderr is the agent's own.
///
/// # Errors
/// It cannot be started, takes longer than `within`, which ends it, or prints more than a MiB or what is not UTF-8.
pub async fn run(
    path: &Path,
    environment: &[(&str, &str)],
    input: &[u8],
    within: Duration,
) -> Result<Ended, Unknown> {
    let at = |problem: String| Unknown::because(format!("{}: {problem}", path.display()));
    let child = Command::new(path)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| at(format!("cannot be started: {error}")))?;
    match timeout(within, end(child, input)).await {
        Ok(ended) => ended.map_err(|problem| at(problem.to_string())),
        Err(_) => Err(at(format!("did not end within {} s", within.as_secs()))),
    }
}

async fn end(mut child: Child, input: &[u8]) -> Result<Ended, Unknown> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program need not read it.
            let _ = stdin.write_all(input).await;
        }
    };
    let read = async {
        let mut printed = vec![];
        match stdout {
            Some(stdout) => {
                let mut limited = stdout.take(MAX_OUTPUT_LEN + 1);
                limited.read_to_end(&mut printed).await.map(|_| printed)
            }
            None => Ok(printed),
        }
    };
    let ((), printed) = tokio::join!(write, read);
    let printed = printed.map_err(Unknown::because)?;
    if printed.len() as u64 > MAX_OUTPUT_LEN {
        return Err(Unknown::because("prints more than 1 MiB"));
    }
    let stdout =
        String::from_utf8(printed).map_err(|_| Unknown::because("prints what is not UTF-8"))?;
    let status = child.wait().await.map_err(Unknown::because)?;
    Ok(Ended {
        code: status.code(),
        stdout,
    })
}
