//! The metrics of what is asked of a cluster.

use {
    super::series::counters,
    ebb_sdk::ledger::Traffic,
    prometheus_client::{collector::Collector, encoding::DescriptorEncoder},
    std::fmt,
};

/// What was asked of the cluster so far; in process there is nothing to ask.
#[derive(Debug)]
pub struct OfTraffic(pub Traffic);

impl Collector for OfTraffic {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Traffic {
            requests,
            reconnects,
        } = &self.0;
        let requests = requests.iter().map(|((method, outcome), count)| {
            let labels = [("method", method.as_str()), ("result", outcome.as_str())];
            (labels, *count)
        });
        let help = "Requests to the cluster, by what came of them";
        counters(&mut encoder, "ebb_rpc_requests", help, requests)?;
        let help = "Websockets that were connected anew";
        let reconnects = [([("", ""); 0], *reconnects)];
        counters(&mut encoder, "ebb_websocket_reconnects", help, reconnects)
    }
}
