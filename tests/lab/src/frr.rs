//! FRR: of the sites, and of device A.

use {
    crate::{
        crowd,
        daemon::{folder_of, Daemon, Signal},
        docs,
        namespace::Namespace,
        plan::{Device, Family, Site},
        wait::until,
    },
    anyhow::{bail, Context, Result},
    serde_json::Value,
    std::{
        fs,
        net::IpAddr,
        path::{Path, PathBuf},
        process::Command,
    },
};

/// A running FRR.
pub struct Frr {
    namespace: Namespace,
    folder: PathBuf,
    zebra: Daemon,
    bgpd: Daemon,
}

/// A BGP session, as one end of it sees it.
pub struct Peer {
    pub description: Option<String>,
    pub is_established: bool,
    /// Whether this end has shut it.
    pub is_shut: bool,
}

impl Frr {
    /// Starts it with what is in `frr.conf` of a folder.
    pub fn start(namespace: Namespace, folder: &Path) -> Result<Self> {
        folder_of("frr", &sockets(namespace))?;
        let config = folder.join("frr.conf");
        let zebra = launch(namespace, "zebra", &[REPLACE_ROUTES], &config, folder)?;
        until("zebra listens", || {
            Ok(sockets(namespace).join("zserv.api").exists())
        })?;
        let bgpd = launch(namespace, "bgpd", &[], &config, folder)?;
        until("bgpd listens", || {
            Ok(sockets(namespace).join("bgpd.vty").exists())
        })?;
        Ok(Self {
            namespace,
            folder: folder.to_owned(),
            zebra,
            bgpd,
        })
    }

    /// Stops all of it where it is.
    pub fn freeze(&self) -> Result<()> {
        self.bgpd.signal(Signal::SIGSTOP)?;
        self.zebra.signal(Signal::SIGSTOP)
    }

    /// Kills what runs at once.
    pub fn kill(self) -> Result<()> {
        self.bgpd.kill()?;
        self.zebra.kill()?;
        fs::remove_dir_all(sockets(self.namespace))?;
        Ok(())
    }

    /// Kills bgpd and starts it again with the configuration of its start.
    pub fn restart_bgpd(&mut self) -> Result<()> {
        let socket = sockets(self.namespace).join("bgpd.vty");
        self.bgpd.signal(Signal::SIGKILL)?;
        until("bgpd has ended", || Ok(!self.bgpd.is_running()?))?;
        fs::remove_file(&socket)?;
        self.bgpd = launch(
            self.namespace,
            "bgpd",
            &[],
            &self.folder.join("frr.conf"),
            &self.folder,
        )?;
        until("bgpd listens", || Ok(socket.exists())).map(drop)
    }

    /// Runs commands in one session of the configuration's prompt.
    pub fn configure(&self, lines: &[String]) -> Result<()> {
        let mut commands = vec!["configure terminal".to_owned()];
        commands.extend_from_slice(lines);
        self.run(&commands).map(drop)
    }

    /// Runs commands, and returns what they print.
    pub fn run(&self, commands: &[String]) -> Result<String> {
        let output = Command::new("vtysh")
            .args(["-N", self.namespace.0])
            .args(commands.iter().flat_map(|command| ["-c", command]))
            .output()
            .context("vtysh")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!(
                "vtysh refused {commands:?} in {}: {text}{}",
                self.namespace.0,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(text)
    }

    /// Whether the session with a neighbor is established.
    pub fn is_established(&self, neighbor: IpAddr) -> Result<bool> {
        let neighbor = neighbor.to_string();
        let peers = self.neighbors()?;
        let peer = peers.iter().find(|(address, _)| *address == neighbor);
        Ok(peer.is_some_and(|(_, peer)| peer["state"] == "Established"))
    }

    /// The neighbors of both families, each with its address.
    fn neighbors(&self) -> Result<Vec<(String, Value)>> {
        let text = self.run(&["show bgp summary json".to_owned()])?;
        let summary: Value = serde_json::from_str(&text).context(text)?;
        let families = summary.as_object().context("families")?.values();
        let peers = families.filter_map(|family| family["peers"].as_object());
        let peers = peers
            .flatten()
            .map(|(address, peer)| (address.clone(), peer.clone()));
        Ok(peers.collect())
    }

    /// What it knows of its neighbors.
    pub fn peers(&self) -> Result<Vec<Peer>> {
        let peers = self.neighbors()?.into_iter();
        Ok(peers
            .map(|(_, peer)| Peer {
                description: peer["desc"].as_str().map(str::to_owned),
                is_established: peer["state"] == "Established",
                is_shut: peer["peerState"] == "Admin",
            })
            .collect())
    }
}

/// Where the sockets of a namespace's daemons are.
pub fn sockets(namespace: Namespace) -> PathBuf {
    Path::new("/run/frr").join(namespace.0)
}

/// An IPv6 route that changes is replaced. Without this zebra 8.4 removes the old one first and loses what comes until the new one
/// is there.
const REPLACE_ROUTES: &str = "--v6-rr-semantics";

fn launch(
    namespace: Namespace,
    program: &str,
    options: &[&str],
    config: &Path,
    folder: &Path,
) -> Result<Daemon> {
    let config = config.to_str().context("a path in UTF-8")?;
    let common = [
        "-N",
        namespace.0,
        "-f",
        config,
        "-P",
        "0",
        "--log",
        "stdout",
    ];
    Daemon::start(
        namespace,
        &format!("/usr/lib/frr/{program}"),
        &[&common, options].concat(),
        &folder.join(format!("{program}.log")),
    )
}

/// How a site treats what the devices announce.
#[derive(Clone, Copy)]
pub struct Policy {
    pub preferred: Device,
    pub family: Family,
    /// Takes the community off that asks for a graceful shutdown.
    pub ignores_community: bool,
}

/// The configuration of a site, which announces so many prefixes to both devices.
pub fn site_config(site: Site, prefixes: u16, policy: Policy) -> String {
    let mut lines = vec![
        format!("hostname {}", site.name()),
        "bgp community-list standard graceful-shutdown permit 65535:0".to_owned(),
        // Who is no transit hands on nobody's routes.
        "bgp as-path access-list own permit ^$".to_owned(),
        "route-map preferred permit 10".to_owned(),
        " set local-preference 200".to_owned(),
    ];
    if policy.ignores_community {
        lines.push(" set comm-list graceful-shutdown delete".to_owned());
    }
    lines.extend([
        format!("router bgp {}", site.autonomous_system()),
        format!(" bgp router-id {}", site.address(Device::A)),
        " no bgp default ipv4-unicast".to_owned(),
        " no bgp ebgp-requires-policy".to_owned(),
        " no bgp network import-check".to_owned(),
        " timers bgp 3 9".to_owned(),
    ]);
    let family = policy.family;
    for device in Device::ALL {
        let address = device.address_of(site, family);
        lines.push(format!(
            " neighbor {address} remote-as {}",
            device.autonomous_system()
        ));
        lines.push(format!(" neighbor {address} timers connect 1"));
    }
    lines.push(format!(" address-family {} unicast", family.name()));
    for device in Device::ALL {
        let address = device.address_of(site, family);
        lines.push(format!("  neighbor {address} activate"));
        lines.push(format!("  neighbor {address} filter-list own out"));
    }
    let prefix = |index| format!("{}/{}", site.prefix(index, family), family.prefix_len());
    lines.extend((0..prefixes).map(|index| format!("  network {}", prefix(index))));
    let preferred = policy.preferred.address_of(site, family);
    lines.push(format!("  neighbor {preferred} route-map preferred in"));
    lines.push(" exit-address-family".to_owned());
    lines.push(String::new());
    lines.join("\n")
}

/// The configuration of device A's start, in which it is not preferred: its agent lifts that when it has come up. The user is a
/// neighbor with a description, as the documentation has it; the service is one without.
pub fn device_config(crowd: u16, family: Family) -> Result<String> {
    let documented = docs::block("### FRR", "text")?;
    let [user, service] = Site::ALL.map(|site| site.address_of(Device::A, family));
    let defaults = match family {
        Family::V4 => "",
        Family::V6 => " no bgp default ipv4-unicast\n",
    };
    let documented = documented.replace(
        &Site::User.address(Device::A).to_string(),
        &user.to_string(),
    );
    Ok(format!(
        "hostname a
router bgp {autonomous_system}
 bgp router-id {}
{defaults} no bgp ebgp-requires-policy
 timers bgp 3 9
exit
{documented}
 neighbor {user} timers connect 1
 neighbor {service} remote-as {}
 neighbor {service} timers connect 1
{} address-family {} unicast
  neighbor {user} activate
  neighbor {service} activate
 exit-address-family
",
        Device::A.address(Site::User),
        Site::Service.autonomous_system(),
        crowd::neighbors(crowd),
        family.name(),
        autonomous_system = Device::A.autonomous_system(),
    ))
}
