//! The whole lab: namespaces, routers, ledger and agents.

use {
    crate::{
        agent::{Agent, Setup},
        bird::{self, Bird},
        crowd,
        frr::{self, Frr, Peer, Policy},
        ledger::Ledger,
        namespace::{ip, ip_each, Namespace},
        plan::{cut_device, lay_device, lay_site, Device, Family, Site, SWITCH},
        wait::{until, until_within},
    },
    anyhow::{ensure, Context, Result},
    std::{
        collections::BTreeMap,
        fs,
        path::{Path, PathBuf},
        time::Duration,
    },
};

/// What a lab is built with.
#[derive(Clone, Copy)]
pub struct Options {
    /// How many prefixes each site announces.
    pub prefixes: u16,
    pub preferred: Device,
    pub family: Family,
    /// Whether the user's site disregards the community that asks for a graceful shutdown.
    pub user_ignores_community: bool,
    /// How many users device A has beside the site.
    pub crowd: u16,
}

impl Options {
    /// One user, who prefers a device and has one prefix.
    pub fn preferring(preferred: Device) -> Self {
        Self {
            prefixes: 1,
            preferred,
            family: Family::V4,
            user_ignores_community: false,
            crowd: 0,
        }
    }
}

/// A running lab. It lives in the mount and process namespaces that `scripts/lab` makes, and ends with them.
pub struct Lab {
    pub options: Options,
    pub ledger: Ledger,
    folder: PathBuf,
    sites: Vec<(Site, Frr)>,
    a: Option<Frr>,
    b: Option<Bird>,
    agents: BTreeMap<Device, Agent>,
    crowd: Option<Bird>,
}

impl Lab {
    /// Starts everything, and waits until both devices serve.
    pub fn start(folder: &Path, options: Options, setup: Setup) -> Result<Self> {
        let mut lab = Self {
            options,
            ledger: Ledger::create(&folder.join("ledger"))?,
            folder: folder.to_owned(),
            sites: vec![],
            a: None,
            b: None,
            agents: BTreeMap::new(),
            crowd: None,
        };
        SWITCH.create()?;
        for site in Site::ALL {
            lab.start_site(site)?;
        }
        for device in Device::ALL {
            lab.configure(device)?;
            lab.power_on(device)?;
            if device == Device::A && options.crowd > 0 {
                let folder = lab.folder_of(crowd::namespace())?;
                lab.crowd = Some(crowd::start(options.crowd, &folder)?);
            }
            lab.start_agent(device, setup)?;
        }
        for device in Device::ALL {
            lab.await_ready(device)?;
            lab.await_sessions(device)?;
        }
        lab.await_routes_by(options.preferred)?;
        Ok(lab)
    }

    fn start_site(&mut self, site: Site) -> Result<()> {
        let namespace = site.namespace();
        namespace.create()?;
        // Every address of the site's prefixes is its own.
        ip(&format!(
            "-n {} route add local {} dev lo",
            namespace.0,
            site.block(self.options.family)
        ))?;
        let links = Device::ALL.map(|device| lay_site(site, device)).concat();
        ip_each(&links)?;
        let policy = Policy {
            preferred: self.options.preferred,
            family: self.options.family,
            ignores_community: self.options.user_ignores_community && site == Site::User,
        };
        let folder = self.folder_of(namespace)?;
        fs::write(
            folder.join("frr.conf"),
            frr::site_config(site, self.options.prefixes, policy),
        )?;
        self.sites.push((site, Frr::start(namespace, &folder)?));
        Ok(())
    }

    fn configure(&self, device: Device) -> Result<()> {
        let folder = self.folder_of(device.namespace())?;
        match device {
            Device::A => fs::write(
                folder.join("frr.conf"),
                frr::device_config(self.options.crowd, self.options.family)?,
            )?,
            Device::B => {
                let included = self.bird_file()?;
                fs::write(&included, bird::DE_PREFERRED)?;
                fs::write(
                    folder.join("bird.conf"),
                    bird::device_config(&included, self.options.family)?,
                )?;
            }
        }
        Ok(())
    }

    /// The file that device B's configuration includes and its agent writes.
    pub fn bird_file(&self) -> Result<PathBuf> {
        Ok(self.folder_of(Device::B.namespace())?.join("ebb.conf"))
    }

    /// What belongs to a namespace: configuration and logs, which survive a power-off.
    pub fn folder_of(&self, namespace: Namespace) -> Result<PathBuf> {
        let folder = self.folder.join(namespace.0);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Switches a device on: its links, its router, not its agent.
    pub fn power_on(&mut self, device: Device) -> Result<()> {
        let namespace = device.namespace();
        namespace.create()?;
        ip_each(&Site::ALL.map(|site| lay_device(site, device)).concat())?;
        let folder = self.folder_of(namespace)?;
        match device {
            Device::A => self.a = Some(Frr::start(namespace, &folder)?),
            Device::B => self.b = Some(Bird::start(namespace, &folder)?),
        }
        Ok(())
    }

    /// Starts a device's agent.
    pub fn start_agent(&mut self, device: Device, setup: Setup) -> Result<()> {
        let folder = self.folder_of(device.namespace())?;
        let sessions = match device {
            Device::A => format!("frr:{}", frr::sockets(device.namespace()).display()),
            Device::B => format!("bird:{}", folder.join("bird.ctl").display()),
        };
        let agent = Agent::start(&self.ledger, device, &folder, &sessions, setup)?;
        self.agents.insert(device, agent);
        Ok(())
    }

    pub fn is_on(&self, device: Device) -> bool {
        match device {
            Device::A => self.a.is_some(),
            Device::B => self.b.is_some(),
        }
    }

    /// Device A's router.
    pub fn frr(&self) -> Result<&Frr> {
        self.a.as_ref().context("device A is on")
    }

    /// Device B's router.
    pub fn bird(&self) -> Result<&Bird> {
        self.b.as_ref().context("device B is on")
    }

    pub fn agent(&self, device: Device) -> Result<&Agent> {
        self.agents.get(&device).context("the agent runs")
    }

    /// Kills a device's agent at once, if it runs.
    pub fn kill_agent(&mut self, device: Device) -> Result<()> {
        self.agents.remove(&device).map_or(Ok(()), Agent::kill)
    }

    /// Switches a device off: nothing leaves it from one moment to the next, and the sites keep their carrier.
    pub fn power_off(&mut self, device: Device) -> Result<()> {
        // Links are cut one after another; a router that saw the first go would still announce it to the other site.
        match device {
            Device::A => self.frr()?.freeze()?,
            Device::B => self.bird()?.freeze()?,
        }
        ip_each(&Site::ALL.map(|site| cut_device(site, device)))?;
        self.kill_agent(device)?;
        match device {
            Device::A => self.a.take().context("device A is on")?.kill()?,
            Device::B => self.b.take().context("device B is on")?.kill()?,
        }
        device.namespace().delete()
    }

    /// Restarts device A's bgpd, which is killed and starts with `frr.conf`.
    pub fn restart_bgpd(&mut self) -> Result<()> {
        self.a.as_mut().context("device A is on")?.restart_bgpd()
    }

    pub fn site(&self, site: Site) -> &Frr {
        let (_, frr) = &self.sites[site as usize];
        frr
    }

    /// The neighbors of a device.
    pub fn peers(&self, device: Device) -> Result<Vec<Peer>> {
        match device {
            Device::A => self.frr()?.peers(),
            Device::B => self.bird()?.peers(),
        }
    }

    /// How many users have a BGP session with a device.
    pub fn connected_users(&self, device: Device) -> Result<usize> {
        let peers = self.peers(device)?;
        Ok(peers
            .iter()
            .filter(|peer| peer.description.is_some() && peer.is_established)
            .count())
    }

    /// How many users a device has.
    fn users(&self, device: Device) -> usize {
        let crowd = match device {
            Device::A => self.options.crowd,
            Device::B => 0,
        };
        usize::from(1 + crowd)
    }

    /// Waits until the sessions on the ledger are those that the device has, and returns how many.
    pub fn await_sessions(&self, device: Device) -> Result<usize> {
        let mut seen = (0, 0);
        let waited = until("sessions on the ledger are those of BGP", || {
            seen = (
                self.ledger.sessions(device)? as usize,
                self.connected_users(device)?,
            );
            Ok(seen.0 == seen.1 && seen.0 == self.users(device))
        });
        waited.with_context(|| format!("{} on the ledger, {} of BGP", seen.0, seen.1))?;
        Ok(seen.0)
    }

    /// Fails unless nobody has a session, neither on the ledger nor of BGP.
    pub fn ensure_nobody(&self, device: Device) -> Result<()> {
        let (ledger, bgp) = (self.ledger.sessions(device)?, self.connected_users(device)?);
        ensure!(
            ledger == 0 && bgp == 0,
            "{ledger} sessions on the ledger and {bgp} of BGP are left"
        );
        Ok(())
    }

    /// Where the routes of a site point, from its own kernel's table.
    pub fn routes(&self, site: Site) -> Result<BTreeMap<Device, usize>> {
        let routes = site.namespace().routes(self.options.family)?;
        let count = |device: Device| routes.get(&site.interface(device)).copied().unwrap_or(0);
        Ok(Device::ALL.map(|device| (device, count(device))).into())
    }

    /// Whether all routes of both sites point to a device.
    pub fn all_routes_by(&self, device: Device) -> Result<bool> {
        for site in Site::ALL {
            let routes = self.routes(site)?;
            if routes[&device] != usize::from(self.options.prefixes) || routes[&device.other()] != 0
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub fn await_routes_by(&self, device: Device) -> Result<Duration> {
        until_within(
            Duration::from_secs(60),
            "all routes point to one device",
            || self.all_routes_by(device),
        )
    }

    /// Waits until a device has the routes of both sites in its kernel.
    pub fn await_ready(&self, device: Device) -> Result<Duration> {
        let wanted = usize::from(self.options.prefixes);
        let interfaces = Site::ALL.map(|site| device.interface(site));
        until("a device has all routes", || {
            let routes = device.namespace().routes(self.options.family)?;
            Ok(interfaces
                .iter()
                .all(|interface| routes.get(interface) == Some(&wanted)))
        })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // What is left goes with the namespaces of the whole run.
        for device in Device::ALL {
            let _ = self.power_off(device);
        }
        for (site, frr) in self.sites.drain(..) {
            let _ = frr.kill();
            let _ = site.namespace().delete();
        }
        let _ = SWITCH.delete();
    }
}
