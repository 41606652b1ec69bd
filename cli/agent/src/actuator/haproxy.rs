//! What an agent changes on an HAProxy: whether servers drain.
//!
//! HAProxy keeps no mark of who has set that, so the marks are in the agent's state folder.

use {
    super::{Actuator, Managed, Preference},
    crate::{
        marks::Marks,
        router::haproxy::{Haproxy, Server},
        Unknown,
    },
    async_trait::async_trait,
    std::collections::BTreeSet,
};

/// Changes servers behind an HAProxy.
#[derive(Debug)]
pub struct HaproxyActuator {
    haproxy: Haproxy,
    marks: Marks,
    /// Grows by the number of connections at each reading, so that the counter is not flat while there are any: one that is
    /// idle has its user all the same.
    held: u64,
    /// Whose connections were to be ended since the last reading.
    to_cut: BTreeSet<String>,
}

impl HaproxyActuator {
    /// Changes these servers.
    pub fn new(haproxy: Haproxy, marks: Marks) -> Self {
        Self {
            haproxy,
            marks,
            held: 0,
            to_cut: BTreeSet::new(),
        }
    }
}

fn mark(server: &Server) -> String {
    format!("drain {}", server.name)
}

#[async_trait]
impl Actuator for HaproxyActuator {
    async fn managed(&mut self) -> Result<Managed, Unknown> {
        self.to_cut.clear();
        let servers = self.haproxy.servers().await?;
        for server in servers.iter().filter(|server| !server.is_draining) {
            // HAProxy has started anew, or somebody has set it back: what drains later is not the agent's.
            self.marks.remove(&mark(server))?;
        }
        let is_agents = |server: &Server| self.marks.has(&mark(server));
        let preference = match servers.iter().all(|server| server.is_draining) {
            true if servers.iter().any(is_agents) => Preference::LoweredByAgent,
            true => Preference::LoweredByOther,
            false => Preference::Normal,
        };
        Ok(Managed {
            preference,
            shut: BTreeSet::new(),
        })
    }

    async fn de_prefer(&mut self) -> Result<(), Unknown> {
        for server in self
            .haproxy
            .servers()
            .await?
            .iter()
            .filter(|server| !server.is_draining)
        {
            self.marks.set(&mark(server))?;
            self.haproxy
                .set(&format!("set server {} state drain", server.name))
                .await?;
        }
        if self
            .haproxy
            .servers()
            .await?
            .iter()
            .all(|server| server.is_draining)
        {
            Ok(())
        } else {
            Err(Unknown::because(
                "HAProxy took the drain and does not show it",
            ))
        }
    }

    async fn prefer(&mut self) -> Result<(), Unknown> {
        for server in &self.haproxy.servers().await? {
            if !self.marks.has(&mark(server)) {
                continue;
            }
            if server.is_draining {
                self.haproxy
                    .set(&format!("set server {} state ready", server.name))
                    .await?;
            }
            self.marks.remove(&mark(server))?;
        }
        Ok(())
    }

    /// HAProxy does not know which connection is whose. Where all of a server's are to end, they are ended; where only some
    /// are, none is, as it might be another's.
    async fn shut(&mut self, label: &str) -> Result<(), Unknown> {
        let (name, _) = label.rsplit_once('#').unwrap_or((label, ""));
        self.to_cut.insert(label.to_owned());
        let wanted = self
            .to_cut
            .iter()
            .filter(|cut| cut.rsplit_once('#').is_some_and(|(of, _)| of == name))
            .count();
        let servers = self.haproxy.servers().await?;
        let current = servers
            .iter()
            .find(|server| server.name == name)
            .map_or(0, |server| server.current);
        if wanted as u64 >= current {
            self.haproxy
                .set(&format!("shutdown sessions server {name}"))
                .await
        } else {
            Err(Unknown::because(format!(
                "HAProxy does not know which of {current} connections is {label}: `shutdown sessions server {name}` ends all"
            )))
        }
    }

    async fn open(&mut self, _label: &str) -> Result<(), Unknown> {
        Ok(())
    }

    async fn forwarded(&mut self) -> Result<u64, Unknown> {
        let servers = self.haproxy.servers().await?;
        self.held += servers.iter().map(|server| server.current).sum::<u64>();
        Ok(self.held + servers.iter().map(|server| server.total).sum::<u64>())
    }

    async fn can_forward(&mut self) -> Result<bool, Unknown> {
        Ok(self
            .haproxy
            .servers()
            .await?
            .iter()
            .all(|server| server.is_running))
    }
}

#[cfg(test)]
mod tests;
