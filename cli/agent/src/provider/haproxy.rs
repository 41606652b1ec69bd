//! Users of servers behind HAProxy, which counts them and does not name them: numbered places.

use {
    super::{Provider, Seen},
    crate::{router::haproxy::Haproxy, Unknown},
    async_trait::async_trait,
};

/// With three connections there are `web/s1#1`, `web/s1#2` and `web/s1#3`.
#[async_trait]
impl Provider for Haproxy {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let servers = self.servers().await?;
        let places = servers.iter().flat_map(|server| {
            (1..=server.current).map(|place| Seen {
                label: format!("{}#{place}", server.name),
                connected: true,
            })
        });
        Ok(places.collect())
    }
}
