//! BIRD: of device B.

use {
    crate::{
        daemon::{Daemon, Signal},
        docs,
        frr::Peer,
        namespace::Namespace,
        plan::{Device, Family, Site},
        wait::until,
    },
    anyhow::{bail, ensure, Context, Result},
    std::{
        fs,
        path::{Path, PathBuf},
        process::Command,
    },
};

/// A running BIRD.
pub struct Bird {
    socket: PathBuf,
    process: Daemon,
}

impl Bird {
    /// Starts it with what is in `bird.conf` of a folder; its control socket is `bird.ctl` there.
    pub fn start(namespace: Namespace, folder: &Path) -> Result<Self> {
        let socket = folder.join("bird.ctl");
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let process = Daemon::start(
            namespace,
            "bird",
            &[
                "-f",
                "-c",
                &path("bird.conf"),
                "-s",
                &path("bird.ctl"),
                "-P",
                &path("bird.pid"),
            ],
            &folder.join("bird.log"),
        )?;
        let bird = Self { socket, process };
        until("bird answers", || Ok(bird.run("show status").is_ok()))?;
        Ok(bird)
    }

    /// Stops it where it is.
    pub fn freeze(&self) -> Result<()> {
        self.process.signal(Signal::SIGSTOP)
    }

    /// Kills it at once.
    pub fn kill(self) -> Result<()> {
        self.process.kill()?;
        Ok(fs::remove_file(&self.socket)?)
    }

    /// Runs a command, and returns what it prints.
    pub fn run(&self, command: &str) -> Result<String> {
        let output = Command::new("birdc")
            .arg("-s")
            .arg(&self.socket)
            .args(command.split(' '))
            .output()
            .context("birdc")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("birdc refused {command}: {text}");
        }
        Ok(text)
    }

    /// What it knows of its neighbors.
    pub fn peers(&self) -> Result<Vec<Peer>> {
        let text = self.run("show protocols all")?;
        let mut peers = vec![];
        for protocol in text
            .split("\n\n")
            .filter(|protocol| protocol.contains(" BGP "))
        {
            let field = |name: &str| {
                protocol
                    .lines()
                    .find_map(|line| line.trim_start().strip_prefix(name))
            };
            peers.push(Peer {
                description: field("Description:").map(|text| text.trim().to_owned()),
                is_established: field("BGP state:").map(str::trim) == Some("Established"),
                is_shut: protocol
                    .lines()
                    .any(|line| line.contains(" BGP ") && line.contains(" down ")),
            });
        }
        Ok(peers)
    }
}

/// How a protocol is quick to notice what happens.
const TIMERS: &str = "  hold time 9;
  keepalive time 3;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
";

/// The configuration of device B, which includes the file that the agent writes. The user is a protocol with a description, as the
/// documentation has it; the service is one without.
pub fn device_config(included: &Path, family: Family) -> Result<String> {
    let description = "  description \"user-1\";\n";
    let replaced = [
        (DOCUMENTED_FILE.to_owned(), included.display().to_string()),
        (description.to_owned(), format!("{description}{TIMERS}")),
        ("ipv4 {".to_owned(), format!("{} {{", family.name())),
        (
            Device::B.address(Site::User).to_string(),
            Device::B.address_of(Site::User, family).to_string(),
        ),
        (
            Site::User.address(Device::B).to_string(),
            Site::User.address_of(Device::B, family).to_string(),
        ),
    ];
    let mut documented = docs::block("### BIRD", "text")?.to_owned();
    for (from, to) in replaced {
        ensure!(
            documented.contains(&from),
            "docs/agent.md has no {from} in BIRD's configuration"
        );
        documented = documented.replace(&from, &to);
    }
    Ok(format!(
        "log stderr all;
router id {};
{documented}
filter from_peers {{
  {}
  accept;
}}
protocol device {{ }}
protocol kernel {{ {family} {{ import none; export all; }}; }}
protocol bgp service {{
{TIMERS}  local {} as {};
  neighbor {} as {};
  {family} {{ import filter from_peers; export filter to_peers; }};
}}
",
        Device::B.address(Site::User),
        docs::block("### What peers must honour", "text")?,
        Device::B.address_of(Site::Service, family),
        Device::B.autonomous_system(),
        Site::Service.address_of(Device::B, family),
        Site::Service.autonomous_system(),
        family = family.name(),
    ))
}

/// The file that the documentation includes.
const DOCUMENTED_FILE: &str = "/etc/bird/ebb/ebb.conf";

/// What the agent's file says of a device that is not preferred, as it is until its agent lifts that.
pub const DE_PREFERRED: &str = "define EBB_DE_PREFERRED = true;\n";
