//! What an agent changes on a router that runs FRR.
//!
//! Its marks are in the router's own configuration, so that they are saved and restored with what they mark: a community list
//! for the graceful shutdown, the message of its shutdown for a neighbor.

use {
    super::{forwarded, stable::Stable, Actuator, Managed, Preference},
    crate::{
        router::frr::{Frr, Neighbor, Routes},
        Unknown,
    },
    async_trait::async_trait,
    std::{
        collections::BTreeSet,
        time::{Duration, Instant},
    },
    tracing::info,
};

/// The community list that says: the graceful shutdown is the agent's.
const MARK: &str = "bgp community-list standard ebb-de-preferred seq 5 permit graceful-shutdown";
/// What the message of a shutdown that is the agent's begins with. The peer sees it.
const MESSAGE: &str = "ebb: device out of service";
const DE_PREFERRED: &str = "bgp graceful-shutdown";

/// How long a user who does not come back keeps the others waiting.
const ABSENCE: Duration = Duration::from_secs(60);
/// How long routes must be as they are until all are taken to be there.
const CALM: Duration = Duration::from_secs(2);
/// The same where some routes are not in the kernel, as others are better than they, or as they are not there yet.
const LONG_CALM: Duration = Duration::from_secs(10);

/// Changes a router that runs FRR.
#[derive(Debug)]
pub struct FrrActuator {
    frr: Frr,
    /// Routes accepted from each neighbor, and those that zebra has.
    routes: Stable<(Vec<u64>, Routes)>,
    /// Since when everybody but users is back.
    uplinks_back: Option<Instant>,
}

/// What the configuration of bgpd says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Config {
    autonomous_system: String,
    is_de_preferred: bool,
    is_marked: bool,
    /// Addresses or interfaces, each with the description.
    described: Vec<(String, String)>,
    /// Those whose shutdown has the agent's message.
    shut_by_agent: BTreeSet<String>,
    /// Those whose shutdown has not.
    shut_by_other: BTreeSet<String>,
}

impl Config {
    fn parse(text: &str) -> Result<Self, Unknown> {
        let mut config = Self::default();
        let mut in_router = false;
        for line in text.lines() {
            if !line.starts_with(' ') {
                config.is_marked |= line == MARK;
                let instance = line
                    .strip_prefix("router bgp ")
                    .filter(|rest| !rest.contains(' '));
                in_router = instance.is_some();
                config.autonomous_system = instance.map_or(config.autonomous_system, str::to_owned);
            } else if in_router {
                config.read(line.trim_start());
            }
        }
        match config.autonomous_system.is_empty() {
            true => Err(Unknown::because(
                "bgpd has no `router bgp` in the default VRF",
            )),
            false => Ok(config),
        }
    }

    fn read(&mut self, line: &str) {
        self.is_de_preferred |= line == DE_PREFERRED;
        let Some((peer, setting)) = line
            .strip_prefix("neighbor ")
            .and_then(|rest| rest.split_once(' '))
        else {
            return;
        };
        if let Some(description) = setting.strip_prefix("description ") {
            self.described
                .push((peer.to_owned(), description.to_owned()));
        } else if let Some(rest) = setting.strip_prefix("shutdown") {
            let is_agents = rest.trim_start() == format!("message {MESSAGE}");
            let shut = if is_agents {
                &mut self.shut_by_agent
            } else {
                &mut self.shut_by_other
            };
            shut.insert(peer.to_owned());
        }
    }

    fn peers_of<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a String> {
        self.described
            .iter()
            .filter(move |(_, description)| description == label)
            .map(|(peer, _)| peer)
    }

    fn managed(&self) -> Managed {
        let is_shut = |(peer, _): &&(String, String)| self.shut_by_agent.contains(peer);
        Managed {
            preference: match (self.is_de_preferred, self.is_marked) {
                (false, _) => Preference::Normal,
                (true, true) => Preference::LoweredByAgent,
                (true, false) => Preference::LoweredByOther,
            },
            shut: self
                .described
                .iter()
                .filter(is_shut)
                .map(|(_, label)| label.clone())
                .collect(),
        }
    }
}

impl FrrActuator {
    /// Changes this router.
    pub fn new(frr: Frr) -> Self {
        Self {
            frr,
            routes: Stable::new(),
            uplinks_back: None,
        }
    }

    async fn config(&self) -> Result<Config, Unknown> {
        Config::parse(&self.frr.bgpd.run(&["show running-config"]).await?.concat())
    }

    /// Configures bgpd: the lines before `router bgp`, then those in it, then those after it.
    async fn configure(
        &self,
        config: &Config,
        before: &[String],
        within: &[String],
        after: &[String],
    ) -> Result<Config, Unknown> {
        let mut commands = vec!["configure terminal".to_owned()];
        commands.extend_from_slice(before);
        commands.push(format!("router bgp {}", config.autonomous_system));
        commands.extend_from_slice(within);
        commands.push("exit".to_owned());
        commands.extend_from_slice(after);
        commands.push("end".to_owned());
        self.frr.bgpd.run(&commands).await?;
        self.config().await
    }

    /// Whether those who are not back yet may be waited for no longer.
    fn is_everybody_back<'a>(
        &mut self,
        neighbors: impl Iterator<Item = (&'a String, &'a Neighbor)>,
    ) -> bool {
        let is_back = |neighbor: &Neighbor| neighbor.is_established() && neighbor.has_sent_all();
        let absent: Vec<_> = neighbors
            .filter(|(_, neighbor)| !neighbor.is_shut && !is_back(neighbor))
            .collect();
        if let Some((peer, _)) = absent.first() {
            info!(
                "waiting for neighbor {peer} and {} others",
                absent.len() - 1
            );
        }
        if absent
            .iter()
            .any(|(_, neighbor)| neighbor.description.is_none())
        {
            self.uplinks_back = None;
            return false;
        }
        let since = self.uplinks_back.get_or_insert_with(Instant::now);
        absent.is_empty() || since.elapsed() > ABSENCE
    }
}

#[async_trait]
impl Actuator for FrrActuator {
    async fn managed(&mut self) -> Result<Managed, Unknown> {
        Ok(self.config().await?.managed())
    }

    async fn de_prefer(&mut self) -> Result<(), Unknown> {
        let config = self.config().await?;
        if config.is_de_preferred {
            return Ok(());
        }
        // The mark comes first and goes last, so that nothing of the agent's is ever without one.
        let config = self
            .configure(&config, &[MARK.to_owned()], &[DE_PREFERRED.to_owned()], &[])
            .await?;
        match config.managed().preference {
            Preference::LoweredByAgent => Ok(()),
            _ => Err(Unknown::because(
                "bgpd took the graceful shutdown and does not show it",
            )),
        }
    }

    async fn prefer(&mut self) -> Result<(), Unknown> {
        self.routes.forget();
        self.uplinks_back = None;
        let config = self.config().await?;
        if !config.is_marked {
            return Ok(());
        }
        let config = self
            .configure(
                &config,
                &[],
                &[format!("no {DE_PREFERRED}")],
                &[format!("no {MARK}")],
            )
            .await?;
        match config.is_marked || config.is_de_preferred {
            true => Err(Unknown::because(
                "bgpd lifted the graceful shutdown and still shows it",
            )),
            false => Ok(()),
        }
    }

    async fn shut(&mut self, label: &str) -> Result<(), Unknown> {
        let config = self.config().await?;
        let open = |config: &Config| -> Vec<String> {
            config
                .peers_of(label)
                .filter(|peer| {
                    !config.shut_by_agent.contains(*peer) && !config.shut_by_other.contains(*peer)
                })
                .map(|peer| format!("neighbor {peer} shutdown message {MESSAGE}"))
                .collect()
        };
        let lines = open(&config);
        if lines.is_empty() {
            return Ok(());
        }
        let config = self.configure(&config, &[], &lines, &[]).await?;
        match open(&config).is_empty() {
            true => Ok(()),
            false => Err(Unknown::because(format!(
                "bgpd took the shutdown of {label} and does not show it"
            ))),
        }
    }

    async fn open(&mut self, label: &str) -> Result<(), Unknown> {
        let config = self.config().await?;
        let shut = |config: &Config| -> Vec<String> {
            config
                .peers_of(label)
                .filter(|peer| config.shut_by_agent.contains(*peer))
                .map(|peer| format!("no neighbor {peer} shutdown"))
                .collect()
        };
        let lines = shut(&config);
        if lines.is_empty() {
            return Ok(());
        }
        let config = self.configure(&config, &[], &lines, &[]).await?;
        match shut(&config).is_empty() {
            true => Ok(()),
            false => Err(Unknown::because(format!(
                "bgpd opened {label} and still shows it shut"
            ))),
        }
    }

    async fn forwarded(&mut self) -> Result<u64, Unknown> {
        forwarded::by_kernel()
    }

    /// Everybody is back and has sent all routes, zebra has at least those of the neighbor with the most, and for a while
    /// nothing has changed.
    async fn settled(&mut self) -> Result<bool, Unknown> {
        let neighbors = self.frr.neighbors().await?;
        let routes = self.frr.routes().await?;
        let accepted: Vec<u64> = neighbors.values().map(Neighbor::accepted).collect();
        let are_handed_over = routes.known >= accepted.iter().copied().max().unwrap_or(0);
        let calm = match routes.known == routes.installed {
            true => CALM,
            false => LONG_CALM,
        };
        let is_calm = self.routes.since((accepted, routes)) >= calm;
        Ok(self.is_everybody_back(neighbors.iter()) && are_handed_over && is_calm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: &str = "frr version 8.4.4
hostname a
!
router bgp 65010
 bgp router-id 172.31.1.2
 bgp graceful-shutdown
 neighbor 172.31.1.1 remote-as 65001
 neighbor 172.31.1.1 description user 1, port 7
 neighbor 172.31.1.1 shutdown message ebb: device out of service
 neighbor fd00::1 description user 1, port 7
 neighbor fd00::1 shutdown
 neighbor eth1 description user-2
 neighbor 172.31.3.1 remote-as 65002
exit
!
router bgp 65099 vrf guests
 neighbor 172.31.9.1 description guest
 neighbor 172.31.9.1 shutdown message ebb: device out of service
exit
!
bgp community-list standard ebb-de-preferred seq 5 permit graceful-shutdown
!
end
";

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs
            .map(|(peer, label)| (peer.to_owned(), label.to_owned()))
            .into()
    }

    #[test]
    fn what_is_configured_in_the_default_vrf_is_read() {
        let config = Config::parse(RUNNING).unwrap();
        assert_eq!(
            config,
            Config {
                autonomous_system: "65010".to_owned(),
                is_de_preferred: true,
                is_marked: true,
                described: pairs([
                    ("172.31.1.1", "user 1, port 7"),
                    ("fd00::1", "user 1, port 7"),
                    ("eth1", "user-2")
                ]),
                shut_by_agent: ["172.31.1.1".to_owned()].into(),
                shut_by_other: ["fd00::1".to_owned()].into(),
            }
        );
        assert_eq!(
            config.managed(),
            Managed {
                preference: Preference::LoweredByAgent,
                shut: ["user 1, port 7".to_owned()].into(),
            }
        );
    }

    #[test]
    fn a_graceful_shutdown_without_the_mark_is_somebody_elses() {
        let text = RUNNING.replace(MARK, "!");
        assert_eq!(
            Config::parse(&text).unwrap().managed().preference,
            Preference::LoweredByOther
        );
        let text = RUNNING.replace(" bgp graceful-shutdown\n", "");
        assert_eq!(
            Config::parse(&text).unwrap().managed().preference,
            Preference::Normal
        );
    }

    #[test]
    fn a_router_without_bgp_is_unknown() {
        assert_eq!(
            Config::parse("frr version 8.4.4\nend\n"),
            Err(Unknown::because(
                "bgpd has no `router bgp` in the default VRF"
            ))
        );
    }
}
