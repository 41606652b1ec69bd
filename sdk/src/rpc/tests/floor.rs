//! Nodes behind one URL that are at different slots.

use {
    super::*,
    async_trait::async_trait,
    base64::{prelude::BASE64_STANDARD, Engine},
    proptest::prelude::*,
    serde_json::Value,
    solana_client::{
        client_error::Result as ClientResult,
        rpc_request::{RpcError, RpcResponseErrorData},
        rpc_sender::{RpcSender, RpcTransportStats},
    },
    solana_sdk_ids::bpf_loader_upgradeable,
    std::sync::{Arc, Mutex},
    tokio::time::Instant,
};

/// A node of which every account is a program and holds the slot it is at.
#[derive(Clone, Copy, Debug)]
struct Node {
    slot: u64,
    /// Whether it refuses `minContextSlot`, as it should, or answers as if it had not been asked.
    is_honest: bool,
}

/// A balancer: the next node that answers, and by how many slots all of them move on after that.
struct Balancer {
    nodes: Vec<Node>,
    turns: Vec<(usize, u64)>,
    asked: usize,
    least: Vec<Option<u64>>,
}

#[derive(Clone)]
struct SharedBalancer(Arc<Mutex<Balancer>>);

impl SharedBalancer {
    fn new(nodes: &[(u64, bool)], turns: &[(usize, u64)]) -> Self {
        let nodes = nodes.iter();
        let nodes = nodes.map(|&(slot, is_honest)| Node { slot, is_honest });
        Self(Arc::new(Mutex::new(Balancer {
            nodes: nodes.collect(),
            turns: turns.to_vec(),
            asked: 0,
            least: vec![],
        })))
    }

    fn ledger(&self) -> RpcLedger {
        let ledger = RpcLedger::with_sender(self.clone(), CommitmentConfig::confirmed());
        ledger.program_id(crate::ID)
    }

    /// The `minContextSlot` of each request so far that reads.
    fn least(&self) -> Vec<Option<u64>> {
        self.0.lock().unwrap().least.clone()
    }
}

impl Balancer {
    fn answer(&mut self, request: RpcRequest, params: &Value) -> ClientResult<Value> {
        let (turn, step) = self.turns[self.asked % self.turns.len()];
        self.asked += 1;
        let newest = self.nodes.iter().map(|node| node.slot).max().unwrap();
        let Node { slot, is_honest } = self.nodes[turn % self.nodes.len()];
        self.nodes.iter_mut().for_each(|node| node.slot += step);
        let config = params.as_array().and_then(|all| all.last());
        let least = config.and_then(|config| config["minContextSlot"].as_u64());
        if matches!(
            request,
            RpcRequest::GetMultipleAccounts
                | RpcRequest::GetProgramAccounts
                | RpcRequest::SimulateTransaction
                | RpcRequest::GetLatestBlockhash
        ) {
            self.least.push(least);
            if least > Some(slot) && is_honest {
                return Err(behind());
            }
        }
        let context = json!({ "slot": slot });
        Ok(match request {
            RpcRequest::GetMultipleAccounts => {
                let count = params[0].as_array().unwrap().len();
                json!({ "context": context, "value": vec![account(slot); count] })
            }
            RpcRequest::GetProgramAccounts => {
                let found = json!([{ "pubkey": crate::ID.to_string(), "account": account(slot) }]);
                json!({ "context": context, "value": found })
            }
            RpcRequest::SimulateTransaction => json!({
                "context": context,
                "value": { "err": null, "logs": [slot.to_string()], "unitsConsumed": 1, "fee": 1 },
            }),
            RpcRequest::GetLatestBlockhash => json!({
                "context": context,
                "value": { "blockhash": Hash::default().to_string(), "lastValidBlockHeight": u64::MAX },
            }),
            RpcRequest::GetSlot => json!(slot),
            RpcRequest::SendTransaction => {
                let bytes = BASE64_STANDARD.decode(params[0].as_str().unwrap()).unwrap();
                let sent: VersionedTransaction = wincode::deserialize(&bytes).unwrap();
                json!(sent.signatures[0].to_string())
            }
            // It landed with the newest node, and every node knows.
            RpcRequest::GetSignatureStatuses => json!({
                "context": context,
                "value": [{
                    "slot": newest, "confirmations": 1, "status": { "Ok": null }, "err": null,
                    "confirmationStatus": "confirmed",
                }],
            }),
            other => panic!("{other} was not expected"),
        })
    }
}

#[async_trait]
impl RpcSender for SharedBalancer {
    async fn send(&self, request: RpcRequest, params: Value) -> ClientResult<Value> {
        self.0.lock().unwrap().answer(request, &params)
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "https://example.com/secret".into()
    }
}

fn behind() -> solana_client::client_error::ClientError {
    RpcError::RpcResponseError {
        code: -32016,
        message: "Minimum context slot has not been reached".into(),
        data: RpcResponseErrorData::Empty,
    }
    .into()
}

fn account(slot: u64) -> Value {
    let data = BASE64_STANDARD.encode(slot.to_le_bytes());
    json!({
        "lamports": 1, "owner": bpf_loader_upgradeable::ID.to_string(), "executable": true, "rentEpoch": 0,
        "space": 8, "data": [data, "base64"],
    })
}

fn slot_in(account: &Account) -> u64 {
    u64::from_le_bytes(account.data[..].try_into().unwrap())
}

/// What a client can ask for.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Accounts(usize),
    List,
    Simulate,
    Send,
    CatchUp,
}

impl Ask {
    /// Asks, and returns the oldest slot that the answer shows.
    async fn of(self, ledger: &RpcLedger, signer: &Keypair) -> Result<u64, LedgerError> {
        let instructions = [instruction(signer)];
        Ok(match self {
            Self::Accounts(count) => {
                let found = ledger.accounts(&vec![crate::ID; count]).await?;
                found.iter().flatten().map(slot_in).min().unwrap()
            }
            Self::List => {
                let found = ledger.program_accounts(&crate::ID, &[]).await?;
                slot_in(&found[0].1)
            }
            Self::Simulate => {
                let simulated = ledger.simulate(&instructions, &signer.pubkey()).await?;
                simulated.logs[0].parse().unwrap()
            }
            Self::Send => ledger.send(&instructions, &[signer]).await?.slot,
            Self::CatchUp => {
                ledger.catch_up().await?;
                ledger.transport.seen()
            }
        })
    }
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = prop_oneof![
        (1..=250usize).prop_map(Ask::Accounts),
        Just(Ask::List),
        Just(Ask::Simulate),
        Just(Ask::Send),
        Just(Ask::CatchUp),
    ];
    prop::collection::vec(ask, 1..12)
}

fn paused<T>(test: impl std::future::Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(test)
}

proptest! {
    #[test]
    fn nothing_is_believed_that_is_older_than_what_was_seen(
        asks in asks(),
        nodes in prop::collection::vec((1_000..1_040u64, any::<bool>()), 2..4),
        turns in prop::collection::vec((0..4usize, 0..3u64), 1..30),
    ) {
        paused(async {
            let balancer = SharedBalancer::new(&nodes, &turns);
            let (ledger, signer) = (balancer.ledger(), Keypair::new());
            let mut seen = 0;
            for ask in asks {
                match ask.of(&ledger, &signer).await {
                    Ok(slot) => {
                        prop_assert!(slot >= seen, "{ask:?} shows {slot} after {seen}");
                        seen = slot;
                    }
                    // The balancer never chose a node that knows as much.
                    Err(LedgerError::Behind { seen: floor, .. }) => prop_assert!(floor >= seen),
                    Err(other) => panic!("{other}"),
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_receipt_proves_is_not_read_from_before_it() {
    // The second node is 30 slots behind and answers every second request.
    let balancer = SharedBalancer::new(&[(130, true), (100, true)], &[(0, 0), (1, 0)]);
    let (ledger, signer) = (balancer.ledger(), Keypair::new());
    let receipt = ledger
        .send(&[instruction(&signer)], &[&signer])
        .await
        .unwrap();
    assert_eq!(receipt.slot, 130);
    for _ in 0..5 {
        assert_eq!(Ask::Accounts(1).of(&ledger, &signer).await.unwrap(), 130);
        assert_eq!(Ask::List.of(&ledger, &signer).await.unwrap(), 130);
    }
    assert!(balancer
        .least()
        .iter()
        .skip(1)
        .all(|least| *least == Some(130)));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_stays_behind_is_an_outage_with_its_slot_and_ours() {
    let balancer = SharedBalancer::new(&[(130, false), (100, false)], &[(0, 0), (1, 0), (1, 0)]);
    let ledger = balancer.ledger();
    let reported = Arc::<Mutex<Vec<Delay>>>::default();
    let reports = Arc::clone(&reported);
    let ledger = ledger.on_delay(move |delay| reports.lock().unwrap().push(delay.clone()));
    ledger.catch_up().await.unwrap();
    balancer.0.lock().unwrap().turns = vec![(1, 0)];
    let started = Instant::now();
    let error = ledger.accounts(&[crate::ID]).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(30));
    assert!(error.is_outage());
    assert_eq!(
        error.to_string(),
        "https://example.com/…: the node is at slot 100, behind slot 130, which was seen"
    );
    let behind = Delay::Behind {
        slot: Some(100),
        seen: 130,
    };
    assert_eq!(*reported.lock().unwrap(), vec![behind; 3]);

    // It comes in step, and its answers count again.
    balancer.0.lock().unwrap().nodes[1].slot = 131;
    let found = ledger.accounts(&[crate::ID]).await.unwrap();
    assert_eq!(slot_in(found[0].as_ref().unwrap()), 131);
    assert_eq!(ledger.oldest_read(), Some(131));
}

#[tokio::test(start_paused = true)]
async fn who_only_reads_may_read_what_is_behind_and_can_know_by_how_much() {
    let balancer = SharedBalancer::new(&[(130, true), (100, true)], &[(1, 0), (0, 0)]);
    let ledger = balancer.ledger();
    let found = ledger.accounts(&[crate::ID]).await.unwrap();
    assert_eq!(slot_in(found[0].as_ref().unwrap()), 100);
    assert_eq!(ledger.newest_slot().await.unwrap(), Some(130));
    assert_eq!(ledger.oldest_read(), Some(100));
}

#[tokio::test(start_paused = true)]
async fn who_changes_reads_nothing_older_than_what_the_cluster_reports() {
    // The slot comes from the node in step, every account from the other one until it has caught up.
    let balancer = SharedBalancer::new(&[(130, true), (100, true)], &[(0, 0), (1, 1), (1, 1)]);
    let ledger = balancer.ledger().catch_up_first();
    let found = ledger.accounts(&[crate::ID]).await.unwrap();
    assert!(slot_in(found[0].as_ref().unwrap()) >= 130);
    assert!(balancer.least().iter().all(|least| *least == Some(130)));
}

#[tokio::test(start_paused = true)]
async fn a_less_final_answer_raises_no_floor() {
    let balancer = SharedBalancer::new(&[(130, true), (100, true)], &[(0, 0)]);
    let finalized = CommitmentConfig::finalized();
    let ledger = RpcLedger::with_sender(balancer.clone(), finalized);
    let processed = CommitmentConfig::processed();
    let blockhash = ledger
        .client
        .get_latest_blockhash_with_commitment(processed);
    blockhash.await.unwrap();
    assert_eq!(ledger.transport.seen(), 0);
    ledger.latest_blockhash().await.unwrap();
    assert_eq!(ledger.transport.seen(), 130);
}
