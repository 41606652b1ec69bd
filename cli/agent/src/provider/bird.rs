//! Users of a router that runs BIRD: the BGP protocols with a description.

use {
    super::{Provider, Seen},
    crate::{router::bird::Bird, Unknown},
    async_trait::async_trait,
};

/// A protocol without a description is nobody's: an uplink, or another router of the operator's. One that is disabled, by whomever,
/// is no user either.
#[async_trait]
impl Provider for Bird {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let protocols = self.protocols().await?;
        Ok(protocols
            .into_iter()
            .filter(|protocol| protocol.kind == "BGP" && !protocol.is_down)
            .filter_map(|protocol| {
                Some(Seen {
                    connected: protocol.is_established,
                    label: protocol.description?,
                })
            })
            .collect())
    }
}
