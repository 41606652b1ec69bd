//! Users of a router that runs FRR: the BGP neighbors with a description.

use {
    super::{Provider, Seen},
    crate::{router::frr::Frr, Unknown},
    async_trait::async_trait,
};

/// A neighbor without a description is nobody's: an uplink, or another router of the operator's. One that is shut, by whomever,
/// is no user either.
#[async_trait]
impl Provider for Frr {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let neighbors = self.neighbors().await?;
        Ok(neighbors
            .into_values()
            .filter(|neighbor| !neighbor.is_shut)
            .filter_map(|neighbor| {
                Some(Seen {
                    connected: neighbor.is_established(),
                    label: neighbor.description?,
                })
            })
            .collect())
    }
}
