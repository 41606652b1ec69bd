//! What bgpd's configuration says that an agent asks for.

use {
    crate::{
        actuator::{Managed, Preference},
        Unknown,
    },
    std::collections::BTreeSet,
};

/// The community list that says: the graceful shutdown is the agent's.
pub const MARK: &str =
    "bgp community-list standard ebb-de-preferred seq 5 permit graceful-shutdown";
/// The message of a shutdown that is the agent's. The peer sees it.
pub const MESSAGE: &str = "ebb: device out of service";
/// What asks the peers to prefer other ways.
pub const DE_PREFERRED: &str = "bgp graceful-shutdown";

/// What the configuration of bgpd says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FrrConfig {
    pub autonomous_system: String,
    pub is_de_preferred: bool,
    pub is_marked: bool,
    /// Addresses or interfaces, each with the description.
    pub described: Vec<(String, String)>,
    /// Those whose shutdown has the agent's message.
    pub shut_by_agent: BTreeSet<String>,
    /// Those whose shutdown has not.
    pub shut_by_other: BTreeSet<String>,
}

impl FrrConfig {
    /// What `show running-config` prints.
    pub fn parse(text: &str) -> Result<Self, Unknown> {
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
        if config.autonomous_system.is_empty() {
            Err(Unknown::because(
                "bgpd has no `router bgp` in the default VRF",
            ))
        } else {
            Ok(config)
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

    /// The neighbors of a label.
    pub fn peers_of<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a String> {
        self.described
            .iter()
            .filter(move |(_, description)| description == label)
            .map(|(peer, _)| peer)
    }

    /// What the agent has set.
    pub fn managed(&self) -> Managed {
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
        let config = FrrConfig::parse(RUNNING).unwrap();
        assert_eq!(
            config,
            FrrConfig {
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
            FrrConfig::parse(&text).unwrap().managed().preference,
            Preference::LoweredByOther
        );
        let text = RUNNING.replace(" bgp graceful-shutdown\n", "");
        assert_eq!(
            FrrConfig::parse(&text).unwrap().managed().preference,
            Preference::Normal
        );
    }

    #[test]
    fn a_router_without_bgp_is_unknown() {
        assert_eq!(
            FrrConfig::parse("frr version 8.4.4\nend\n"),
            Err(Unknown::because(
                "bgpd has no `router bgp` in the default VRF"
            ))
        );
    }
}
