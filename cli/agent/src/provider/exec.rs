//! A program that prints the users, one a line.

use {
    super::{Provider, Seen},
    crate::{program, Unknown},
    async_trait::async_trait,
    std::{path::PathBuf, process::Stdio, time::Duration},
};

/// How long the program may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Runs a program at each look. Each line that is not blank is a user who is connected, blanks around it aside. Any exit
/// code but 0 means that the program could not find out.
#[derive(Debug)]
pub struct Exec {
    program: PathBuf,
    within: Duration,
}

impl Exec {
    /// Users are what this program prints.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            within: WITHIN,
        }
    }
}

#[async_trait]
impl Provider for Exec {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let ended = program::run(&self.program, &[], Stdio::null(), self.within).await?;
        if ended.code != Some(0) {
            let how = match ended.code {
                Some(code) => format!("exit code {code}"),
                None => "a signal".to_owned(),
            };
            let program = self.program.display();
            return Err(Unknown::because(format!("{program}: ended with {how}")));
        }
        let lines = ended.stdout.lines().map(str::trim);
        let users = lines.filter(|line| !line.is_empty()).map(|label| Seen {
            label: label.to_owned(),
            connected: true,
        });
        Ok(users.collect())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use {
        super::*,
        std::{fs, os::unix::fs::PermissionsExt},
    };

    async fn look(script: &str) -> Result<Vec<Seen>, String> {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("users");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut exec = Exec {
            program,
            within: Duration::from_secs(2),
        };
        let name = format!("{}: ", exec.program.display());
        let looked = exec.look().await;
        looked.map_err(|error| error.to_string().replace(&name, ""))
    }

    #[tokio::test]
    async fn a_line_is_a_user() {
        let seen = look("printf ' alice \\n\\nbob\\n'").await.unwrap();
        let labels: Vec<&str> = seen.iter().map(|seen| seen.label.as_str()).collect();
        assert_eq!(labels, ["alice", "bob"]);
        assert!(seen.iter().all(|seen| seen.connected));
        assert_eq!(look("true").await, Ok(vec![]));
    }

    #[tokio::test]
    async fn a_program_that_fails_says_nothing() {
        for (script, problem) in [
            ("echo alice; exit 3", "ended with exit code 3"),
            ("echo alice; kill -9 $$", "ended with a signal"),
            ("echo alice; sleep 60", "did not end within 2 s"),
            ("printf '\\377'", "prints what is not UTF-8"),
            ("head -c 2000000 /dev/zero", "prints more than 1 MiB"),
        ] {
            assert_eq!(look(script).await, Err(problem.to_owned()), "{script}");
        }
        let mut absent = Exec::new("/does/not/exist".into());
        assert_eq!(
            absent.look().await.unwrap_err().to_string(),
            "/does/not/exist: cannot be started: No such file or directory (os error 2)"
        );
    }
}
