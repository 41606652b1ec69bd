//! What can be run.

use {
    crate::{
        faults, haproxy, maintenance,
        plan::{Device, Family},
        report, shell,
    },
    anyhow::Result,
    clap::ValueEnum,
    std::{fs, path::Path},
};

/// Where everything of a lab is kept.
pub const FOLDER: &str = "/run/ebb-lab";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// A maintenance of the device that runs FRR, with 20,000 prefixes a site
    #[value(name = "frr-20000")]
    FrrMany,
    /// The same with one prefix a site
    Frr,
    /// A maintenance of the device that runs BIRD, with 20,000 prefixes a site
    #[value(name = "bird-20000")]
    BirdMany,
    /// The same with one prefix a site
    Bird,
    /// The same over IPv6, with IPv6 prefixes
    #[value(name = "frr-ipv6")]
    FrrIpv6,
    /// The device that runs BIRD over IPv6
    #[value(name = "bird-ipv6")]
    BirdIpv6,
    /// The commands of docs/agent.md, typed in the shell of the lab
    Documented,
    /// A user is evicted at the deadline, and only this one cut
    Eviction,
    /// A peer ignores the community, so traffic stays and nothing is closed
    IgnoredCommunity,
    /// The drain is taken back in the middle of convergence
    Undrain,
    /// The agent is killed at every step
    AgentKilled,
    /// The agent is down when a drain starts
    AgentLate,
    /// A second agent of the device runs elsewhere
    SecondAgent,
    /// bgpd restarts in a drain
    BgpdRestarts,
    /// Somebody else configures BIRD in a drain
    BirdConfigured,
    /// The ledger is away during convergence
    LedgerAway,
    /// A neighbor flaps
    Flapping,
    /// bgpd hangs when a drain starts
    VtyHangs,
    /// Somebody else configures bgpd in a drain
    OthersConfigure,
    /// 500 neighbors
    ManyNeighbors,
    /// A server behind HAProxy, with HTTP clients
    Haproxy,
    /// Sticky clients and TCP connections behind HAProxy
    HaproxyStays,
}

impl Scenario {
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Runs it in the namespaces of this process. If it fails, it prints the ends of what the agents have written.
    pub fn run(self) -> Result<()> {
        println!("{}", report::HEAD);
        let folder = Path::new(FOLDER);
        self.run_in(folder).inspect_err(|_| print_logs(folder))
    }

    fn run_in(self, folder: &Path) -> Result<()> {
        match self {
            Self::FrrMany => maintenance::run(folder, Device::A, 20_000, Family::V4),
            Self::Frr => maintenance::run(folder, Device::A, 1, Family::V4),
            Self::BirdMany => maintenance::run(folder, Device::B, 20_000, Family::V4),
            Self::Bird => maintenance::run(folder, Device::B, 1, Family::V4),
            Self::FrrIpv6 => maintenance::run(folder, Device::A, 1, Family::V6),
            Self::BirdIpv6 => maintenance::run(folder, Device::B, 1, Family::V6),
            Self::Documented => shell::documented(folder),
            Self::Eviction => faults::peer::eviction(folder),
            Self::IgnoredCommunity => faults::peer::ignored_community(folder),
            Self::Undrain => faults::agent::undrained(folder),
            Self::AgentKilled => faults::agent::killed(folder),
            Self::AgentLate => faults::agent::late(folder),
            Self::SecondAgent => faults::agent::second(folder),
            Self::BgpdRestarts => faults::router::bgpd_restarts(folder),
            Self::BirdConfigured => faults::router::bird_configured(folder),
            Self::LedgerAway => faults::agent::ledger_away(folder),
            Self::Flapping => faults::peer::flapping(folder),
            Self::VtyHangs => faults::router::vty_hangs(folder),
            Self::OthersConfigure => faults::router::others_configure(folder),
            Self::ManyNeighbors => faults::peer::many_neighbors(folder),
            Self::Haproxy => haproxy::run(folder),
            Self::HaproxyStays => haproxy::stay(folder),
        }
    }
}

fn print_logs(folder: &Path) {
    for device in Device::ALL {
        let file = folder.join(device.namespace().0).join("agent.log");
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        println!("-- {}", file.display());
        let lines: Vec<&str> = text.lines().collect();
        lines
            .iter()
            .skip(lines.len().saturating_sub(30))
            .for_each(|line| println!("{line}"));
    }
}

/// Prints what there is.
pub fn list() {
    for value in Scenario::value_variants() {
        if let Some(value) = value.to_possible_value() {
            let help = value
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            println!("{:<20} {help}", value.get_name());
        }
    }
}
