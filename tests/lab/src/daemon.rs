//! Processes of the lab.

pub use nix::sys::signal::Signal;
use {
    crate::namespace::Namespace,
    anyhow::{Context, Result},
    nix::{sys::signal::kill, unistd::Pid},
    std::{
        fs::{self, OpenOptions},
        path::Path,
        process::{Child, Command, Stdio},
    },
};

/// A process that ends with its value.
pub struct Daemon(Child);

impl Daemon {
    /// Starts a program in a namespace; what it prints is appended to a file.
    pub fn start(
        namespace: Namespace,
        program: &str,
        arguments: &[&str],
        log: &Path,
    ) -> Result<Self> {
        let mut command = namespace.command(program);
        command.args(arguments);
        Self::spawn(command, log)
    }

    pub fn spawn(mut command: Command, log: &Path) -> Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{:?} does not start", command.get_program()))?;
        Ok(Self(child))
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(self.0.id().cast_signed()), signal)?)
    }

    /// Kills it at once, as `kill -9` does.
    pub fn kill(mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_none())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Creates a folder that a daemon's user may write to.
pub fn folder_of(user: &str, path: &Path) -> Result<()> {
    fs::create_dir_all(path)?;
    let user =
        nix::unistd::User::from_name(user)?.with_context(|| format!("there is no user {user}"))?;
    nix::unistd::chown(path, Some(user.uid), Some(user.gid))?;
    Ok(())
}
