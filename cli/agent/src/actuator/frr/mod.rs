//! What an agent changes on a router that runs FRR.
//!
//! Its marks are in the router's own configuration, so that they are saved and restored with what they mark: a community list
//! for the graceful shutdown, the message of its shutdown for a neighbor.

mod config;
#[cfg(test)]
mod tests;

use {
    self::config::{FrrConfig, DE_PREFERRED, MARK, MESSAGE},
    super::{absence::Absence, forwarded, stable::Stable, Actuator, Managed, Preference},
    crate::{
        router::frr::{Frr, Neighbor, Routes},
        Unknown,
    },
    async_trait::async_trait,
    std::time::{Duration, Instant},
};

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
    absence: Absence,
}

impl FrrActuator {
    /// Changes this router.
    pub fn new(frr: Frr) -> Self {
        Self {
            frr,
            routes: Stable::new(),
            absence: Absence::default(),
        }
    }

    async fn config(&self) -> Result<FrrConfig, Unknown> {
        FrrConfig::parse(&self.frr.bgpd.run(&["show running-config"]).await?.concat())
    }

    /// Configures bgpd: the lines before `router bgp`, then those in it, then those after it.
    async fn configure(
        &self,
        config: &FrrConfig,
        before: &[String],
        within: &[String],
        after: &[String],
    ) -> Result<FrrConfig, Unknown> {
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
        self.absence = Absence::default();
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
        if config.is_marked || config.is_de_preferred {
            Err(Unknown::because(
                "bgpd lifted the graceful shutdown and still shows it",
            ))
        } else {
            Ok(())
        }
    }

    async fn shut(&mut self, label: &str) -> Result<(), Unknown> {
        let config = self.config().await?;
        if config.peers_of(label).next().is_none() {
            // One of a peer group has the group's description, which bgpd shows and does not configure.
            return Err(Unknown::because(format!(
                "no neighbor of bgpd is configured with the description {label}"
            )));
        }
        let open = |config: &FrrConfig| -> Vec<String> {
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
        if open(&config).is_empty() {
            Ok(())
        } else {
            Err(Unknown::because(format!(
                "bgpd took the shutdown of {label} and does not show it"
            )))
        }
    }

    async fn open(&mut self, label: &str) -> Result<(), Unknown> {
        let config = self.config().await?;
        let shut = |config: &FrrConfig| -> Vec<String> {
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
        if shut(&config).is_empty() {
            Ok(())
        } else {
            Err(Unknown::because(format!(
                "bgpd opened {label} and still shows it shut"
            )))
        }
    }

    async fn forwarded(&mut self) -> Result<u64, Unknown> {
        forwarded::by_kernel()
    }

    /// Everybody is back and has sent all routes, zebra has at least those of the neighbor with the most, and for a while
    /// nothing has changed.
    async fn can_forward(&mut self) -> Result<bool, Unknown> {
        let neighbors = self.frr.neighbors().await?;
        let routes = self.frr.routes().await?;
        let accepted: Vec<u64> = neighbors.values().map(Neighbor::accepted).collect();
        let are_handed_over = routes.known >= accepted.iter().copied().max().unwrap_or(0);
        let calm = if routes.known == routes.installed {
            CALM
        } else {
            LONG_CALM
        };
        let is_calm = self.routes.since((accepted, routes), Instant::now()) >= calm;
        let is_back = |neighbor: &Neighbor| neighbor.is_established() && neighbor.has_sent_all();
        let absent = neighbors
            .iter()
            .filter(|(_, neighbor)| !neighbor.is_shut && !is_back(neighbor))
            .map(|(peer, neighbor)| (peer.as_str(), neighbor.description.is_some()));
        Ok(self.absence.is_over(absent) && are_handed_over && is_calm)
    }
}
