//! What is counted of requests, and of websockets.

use {
    super::*,
    crate::ledger::RequestOutcome::{
        self, Behind, Denied, Error, Limited, Ok as Answered, Unreachable,
    },
    async_trait::async_trait,
    serde_json::Value,
    solana_client::{
        client_error::Result as ClientResult,
        rpc_sender::{RpcSender, RpcTransportStats},
    },
    std::{collections::VecDeque, sync::Mutex},
    tokio::time::sleep,
};

/// A node that fails as often as there are failures, and then answers with its slot.
struct Node {
    failures: Mutex<VecDeque<Failure>>,
    slot: u64,
}

impl Node {
    fn ledger(slot: u64, failures: impl IntoIterator<Item = Failure>) -> RpcLedger {
        let failures = Mutex::new(failures.into_iter().collect());
        RpcLedger::with_sender(Self { failures, slot }, CommitmentConfig::confirmed())
    }
}

#[async_trait]
impl RpcSender for Node {
    async fn send(&self, request: RpcRequest, _: Value) -> ClientResult<Value> {
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure.into());
        }
        Ok(match request {
            RpcRequest::GetMultipleAccounts => {
                json!({ "context": { "slot": self.slot }, "value": [null] })
            }
            _ => json!(self.slot),
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "https://example.com/secret".into()
    }
}

fn answered(code: i64) -> Failure {
    let message = "of no interest".into();
    Failure::Answered { code, message }
}

/// The counts of a method, by what came of its requests.
fn counts(ledger: &RpcLedger, method: &str) -> Vec<(RequestOutcome, u64)> {
    let requests = ledger.traffic().requests.into_iter();
    let of_method = requests.filter(|((name, _), _)| name == method);
    of_method
        .map(|((_, outcome), count)| (outcome, count))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_request_is_counted_with_what_came_of_it() {
    let too_soon = || Failure::TooSoon { pause: None };
    let broken = || Failure::Broken("reset".into());
    let unhealthy = || answered(-32005);
    let failures = [too_soon(), broken(), too_soon(), unhealthy()];
    let ledger = Node::ledger(7, failures);
    assert_eq!(ledger.newest_slot().await.unwrap(), Some(7));
    assert_eq!(ledger.newest_slot().await.unwrap(), Some(7));
    assert_eq!(
        counts(&ledger, "getSlot"),
        [(Answered, 2), (Behind, 1), (Limited, 2), (Unreachable, 1)]
    );
    assert_eq!(counts(&ledger, "getMultipleAccounts"), []);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_for_good_is_counted_too() {
    for (failure, outcome) in [
        (answered(-32601), Error),
        (Failure::Denied("403".into()), Denied),
        (Failure::NotSent("refused".into()), Unreachable),
        (Failure::NoAnswer("timed out".into()), Unreachable),
    ] {
        let ledger = Node::ledger(7, [failure]);
        ledger.newest_slot().await.unwrap_err();
        assert_eq!(counts(&ledger, "getSlot"), [(outcome, 1)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_old_is_behind() {
    let refused = answered(-32016);
    let ledger = Node::ledger(7, [refused]);
    ledger.transport.saw(8);
    ledger.accounts(&[crate::ID]).await.unwrap_err();
    let counted = counts(&ledger, "getMultipleAccounts");
    // The node is asked for half a minute, every 300 ms.
    assert_eq!(counted, [(Behind, 101)]);
}

#[tokio::test(start_paused = true)]
async fn a_websocket_that_cannot_be_connected_is_counted_each_time_anew() {
    let ledger = Node::ledger(7, []).websocket_url("ws://127.0.0.1:1");
    let _watcher = ledger.watch(&[crate::ID]);
    assert_eq!(ledger.traffic().reconnects, 0);
    while ledger.traffic().reconnects < 3 {
        sleep(SECOND).await;
    }
}
