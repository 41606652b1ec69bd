//! What a run has found, as a table.

use {
    crate::{
        lab::Lab,
        plan::{Device, Site},
        traffic::{Mark, Tally, Traffic},
    },
    anyhow::{ensure, Result},
};

/// What happened to packets in one step.
pub struct Row {
    pub step: String,
    pub prefixes: u16,
    pub tallies: [(Site, Tally); 2],
    /// Where the routes of each site pointed at the end of it.
    pub routes: String,
}

impl Row {
    /// What happened since a mark, which ends now.
    pub fn since(
        lab: &Lab,
        traffic: &Traffic,
        mark: &Mark,
        step: impl Into<String>,
    ) -> Result<Self> {
        let row = Self {
            step: step.into(),
            prefixes: lab.options.prefixes,
            tallies: traffic.since(mark),
            routes: routes(lab)?,
        };
        println!("{}", row.line());
        ensure!(
            Traffic::overruns()? == 0,
            "the receivers were overrun, so what they count is void"
        );
        Ok(row)
    }

    /// Fails unless packets were sent both ways, and all of them arrived once and in order.
    pub fn lossless(self) -> Result<Self> {
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
        Ok(self)
    }

    /// Fails if nothing was lost: then the lab would not see a loss either where there must be none.
    pub fn lossy(self) -> Result<Self> {
        let lost: u64 = self.tallies.iter().map(|(_, tally)| tally.lost).sum();
        ensure!(
            lost > 0,
            "{}: nothing was lost, so this lab proves nothing",
            self.step
        );
        Ok(self)
    }

    pub fn line(&self) -> String {
        let [there, back] = self.tallies.map(|(_, tally)| text(tally));
        format!(
            "| {} | {} | {there} | {back} | {} |",
            self.step, self.prefixes, self.routes
        )
    }
}

pub const HEAD: &str = "| step | prefixes | from the user: sent, lost, duplicated, reordered | from the service | routes by A, by B of user; of service |
|---|---|---|---|---|";

fn text(tally: Tally) -> String {
    let Tally {
        sent,
        lost,
        duplicated,
        reordered,
    } = tally;
    format!("{sent}, {lost}, {duplicated}, {reordered}")
}

fn routes(lab: &Lab) -> Result<String> {
    let mut text = vec![];
    for site in Site::ALL {
        let routes = lab.routes(site)?;
        text.push(
            Device::ALL
                .map(|device| routes[&device].to_string())
                .join(", "),
        );
    }
    Ok(text.join("; "))
}
