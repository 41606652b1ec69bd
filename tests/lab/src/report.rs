//! What a run has found, as a table.

use {
    crate::{
        lab::Lab,
        plan::{Device, Site},
        traffic::{Mark, Tally, Traffic},
    },
    anyhow::{ensure, Result},
    std::time::Duration,
};

/// What happened to packets in one step, and how things stood at its end.
pub struct Row {
    step: String,
    prefixes: u16,
    tallies: [(Site, Tally); 2],
    /// Where the routes of both sites pointed, from their own kernels' tables.
    routes: [String; 2],
    /// Sessions of the device on the ledger and of BGP.
    sessions: [String; 2],
    took: Duration,
}

impl Row {
    /// What happened since a mark, which ends now.
    pub fn since(
        lab: &Lab,
        traffic: &Traffic,
        mark: &Mark,
        step: impl Into<String>,
    ) -> Result<Self> {
        let (device, took) = (lab.options.preferred, mark.elapsed());
        let bgp = if lab.is_on(device) {
            lab.connected_users(device)?.to_string()
        } else {
            "off".to_owned()
        };
        let row = Self {
            step: step.into(),
            prefixes: lab.options.prefixes,
            tallies: traffic.since(mark),
            routes: [routes(lab, Site::User)?, routes(lab, Site::Service)?],
            sessions: [lab.ledger.sessions(device)?.to_string(), bgp],
            took,
        };
        println!("{}", row.line());
        ensure!(
            Traffic::overruns()? == 0,
            "the receivers were overrun, so what they count is void"
        );
        Ok(row)
    }

    /// Fails unless packets were sent both ways, and all of them arrived once and in order.
    pub fn lossless(self) -> Result<()> {
        for (site, tally) in self.tallies {
            let Tally {
                sent,
                lost,
                duplicated,
                reordered,
            } = tally;
            ensure!(
                sent > 0,
                "{}: nothing was sent from {}",
                self.step,
                site.name()
            );
            ensure!(
                (lost, duplicated, reordered) == (0, 0, 0),
                "{}: of {sent} packets from {}, {lost} were lost, {duplicated} duplicated and {reordered} reordered",
                self.step,
                site.name()
            );
        }
        Ok(())
    }

    pub fn is_lossy(&self) -> bool {
        self.tallies.iter().any(|(_, tally)| tally.lost > 0)
    }

    fn line(&self) -> String {
        let [there, back] = self.tallies.map(|(_, tally)| text(tally));
        let [[user, service], [ledger, bgp]] = [&self.routes, &self.sessions];
        format!(
            "| {} | {} | {there} | {back} | {user} | {service} | {ledger} / {bgp} | {:.1} |",
            self.step,
            self.prefixes,
            self.took.as_secs_f64()
        )
    }
}

/// The columns of a row.
pub const HEAD: &str = "\
| step | prefixes | packets to the service: sent, lost, duplicated, reordered | packets to the user | user's routes by A / B | \
service's | sessions on the ledger / of BGP | seconds |
|---|---|---|---|---|---|---|---|";

fn text(tally: Tally) -> String {
    let Tally {
        sent,
        lost,
        duplicated,
        reordered,
    } = tally;
    format!("{sent}, {lost}, {duplicated}, {reordered}")
}

fn routes(lab: &Lab, site: Site) -> Result<String> {
    let routes = lab.routes(site)?;
    Ok(Device::ALL
        .map(|device| routes[&device].to_string())
        .join(" / "))
}
