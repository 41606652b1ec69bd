//! The agent of a device: `ebb agent` in the device's namespace.

use {
    crate::{
        daemon::Daemon,
        ledger::{ebb, Ledger},
        namespace::Namespace,
        plan::Device,
        wait::LIMIT,
    },
    anyhow::{Context, Result},
    std::{
        fs,
        io::{Read, Write},
        net::TcpStream,
        os::unix::fs::PermissionsExt,
        path::{Path, PathBuf},
        process::Command,
    },
};

/// Where it serves its metrics, in the device's namespace.
const ADDRESS: &str = "127.0.0.1:9100";

/// How an agent is set up. What it takes to be seen to wait for is short here.
#[derive(Clone, Copy)]
pub struct Setup {
    pub converge: &'static str,
    pub absences: u32,
    /// Whether it runs the hook, which writes down what it is given.
    pub has_hook: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            converge: "2s",
            absences: 5,
            has_hook: false,
        }
    }
}

/// Where an agent runs, and where it keeps things and serves its metrics.
pub struct Place {
    pub namespace: Namespace,
    pub folder: PathBuf,
    pub address: &'static str,
}

/// A running agent.
pub struct Agent {
    process: Daemon,
    place: Place,
}

impl Agent {
    /// Starts the agent of a device in the device's namespace; `folder` is the device's, `sessions` what sees its users.
    pub fn start(
        ledger: &Ledger,
        device: Device,
        folder: &Path,
        sessions: &str,
        setup: Setup,
    ) -> Result<Self> {
        let place = Place {
            namespace: device.namespace(),
            folder: folder.to_owned(),
            address: ADDRESS,
        };
        let included = folder.join("ebb.conf");
        Self::start_at(place, ledger, device, sessions, setup, |command| {
            command.arg("--bird-include").arg(included);
        })
    }

    /// Starts it anywhere, with more options.
    pub fn start_at(
        place: Place,
        ledger: &Ledger,
        device: Device,
        sessions: &str,
        setup: Setup,
        add_options: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let mut command = place
            .namespace
            .command(ebb()?.to_str().context("a path in UTF-8")?);
        command
            .args([
                "-u",
                &ledger.url(),
                "agent",
                "--device",
                device.code(),
                "--sessions",
                sessions,
            ])
            .args(["--manage", "--interval", "1s", "--converge", setup.converge])
            .args(["--absences", &setup.absences.to_string()])
            .arg("--keypair")
            .arg(ledger.agent_key(device))
            .arg("--state-directory")
            .arg(place.folder.join("state"))
            .args(["--listen", place.address]);
        if setup.has_hook {
            command.arg("--hook").arg(write_hook(&place.folder)?);
        }
        add_options(&mut command);
        Ok(Self {
            process: Daemon::spawn(command, &place.folder.join("agent.log"))?,
            place,
        })
    }

    /// Kills it at once.
    pub fn kill(self) -> Result<()> {
        self.process.kill()
    }

    /// The sum of a metric over all of its labels.
    pub fn metric(&self, name: &str) -> Result<f64> {
        let text = self.place.namespace.within(|| {
            let mut stream = TcpStream::connect(self.place.address)?;
            stream.set_read_timeout(Some(LIMIT))?;
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok(text)
        })?;
        let is_wanted = |line: &&str| line.split(['{', ' ']).next() == Some(name);
        let values = text
            .lines()
            .filter(is_wanted)
            .filter_map(|line| line.rsplit(' ').next());
        values.map(|value| Ok(value.parse::<f64>()?)).sum()
    }

    /// What it and those before it have written.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.place.folder.join("agent.log"))?)
    }
}

/// What the hook was given: an id, an event and a status a line.
pub fn heard(folder: &Path) -> Result<Vec<String>> {
    Ok(fs::read_to_string(folder.join("hook.log"))?
        .lines()
        .map(str::to_owned)
        .collect())
}

/// Writes a hook that appends a line with the id, the event and the status of the device for each call.
fn write_hook(folder: &Path) -> Result<PathBuf> {
    let (program, log) = (folder.join("hook"), folder.join("hook.log"));
    let text = format!(
        "#!/bin/sh\nstatus=$(sed -n 's/.*\"provisioning_status\": *\"\\([a-z]*\\)\".*/\\1/p')\n\
         echo \"$EBB_EVENT_ID $EBB_EVENT $status\" >>'{}'\n",
        log.display()
    );
    fs::write(&program, text)?;
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755))?;
    Ok(program)
}
