//! What FRR says of itself: neighbors, routes, and what is configured.

use {
    super::vty::Vty,
    crate::Unknown,
    serde::{de::DeserializeOwned, Deserialize},
    std::{
        collections::BTreeMap,
        path::{Path, PathBuf},
    },
};

/// Where Debian's FRR has its sockets.
pub const SOCKETS: &str = "/var/run/frr";

/// The daemons of a router that runs FRR.
#[derive(Clone, Debug)]
pub struct Frr {
    /// bgpd, which has the neighbors.
    pub bgpd: Vty,
    /// zebra, which has the kernel's routes.
    pub zebra: Vty,
}

/// A BGP neighbor.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Neighbor {
    /// Its description.
    #[serde(rename = "nbrDesc")]
    pub description: Option<String>,
    /// Whether it is shut down by configuration.
    #[serde(rename = "adminShutDown")]
    pub is_shut: bool,
    bgp_state: String,
    graceful_restart_info: GracefulRestart,
    neighbor_capabilities: Capabilities,
    address_family_info: BTreeMap<String, Family>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GracefulRestart {
    end_of_rib_recv: BTreeMap<String, bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Capabilities {
    graceful_restart: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Family {
    accepted_prefix_counter: u64,
}

impl Neighbor {
    /// Whether its session is established.
    pub fn is_established(&self) -> bool {
        self.bgp_state == "Established"
    }

    /// Whether it has sent all of its routes, as far as it says that: one without graceful restart does not.
    pub fn has_sent_all(&self) -> bool {
        let says_so = self.neighbor_capabilities.graceful_restart == "advertisedAndReceived";
        let is_done =
            |family: &String| self.graceful_restart_info.end_of_rib_recv.get(family) == Some(&true);
        !says_so || self.address_family_info.keys().all(is_done)
    }

    /// How many of its routes were accepted.
    pub fn accepted(&self) -> u64 {
        self.address_family_info
            .values()
            .map(|family| family.accepted_prefix_counter)
            .sum()
    }
}

/// How many routes of BGP there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    /// Those that zebra has, also where another route is better.
    pub known: u64,
    /// Those of them that are in the kernel.
    pub installed: u64,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    routes: Vec<RouteCounts>,
}

#[derive(Deserialize)]
struct RouteCounts {
    r#type: String,
    rib: u64,
    fib: u64,
}

impl Frr {
    /// The daemons whose sockets are in a folder, [`SOCKETS`] or one below it.
    pub fn in_folder(folder: &Path) -> Self {
        let vty = |name: &str| Vty::new(PathBuf::from(folder).join(name));
        Self {
            bgpd: vty("bgpd.vty"),
            zebra: vty("zebra.vty"),
        }
    }

    /// The neighbors of the default VRF, by address or interface.
    ///
    /// # Errors
    /// bgpd did not say.
    pub async fn neighbors(&self) -> Result<BTreeMap<String, Neighbor>, Unknown> {
        parsed(&self.bgpd, "show bgp neighbors json").await
    }

    /// Routes of BGP in both families.
    ///
    /// # Errors
    /// zebra did not say.
    pub async fn routes(&self) -> Result<Routes, Unknown> {
        let mut routes = Routes::default();
        for command in ["show ip route summary json", "show ipv6 route summary json"] {
            let summary: Summary = parsed(&self.zebra, command).await?;
            for protocol in summary
                .routes
                .iter()
                .filter(|protocol| protocol.r#type.ends_with("bgp"))
            {
                routes.known += protocol.rib;
                routes.installed += protocol.fib;
            }
        }
        Ok(routes)
    }
}

async fn parsed<T: DeserializeOwned>(vty: &Vty, command: &str) -> Result<T, Unknown> {
    let text = vty.run(&[command]).await?.concat();
    serde_json::from_str(&text)
        .map_err(|error| Unknown::because(format!("`{command}` gave no JSON: {error}")))
}
