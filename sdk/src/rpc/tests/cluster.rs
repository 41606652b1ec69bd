//! A cluster that is not there: it makes a block every 400 ms of the runtime's clock and treats
//! transactions as the test says.

use {
    async_trait::async_trait,
    base64::{prelude::BASE64_STANDARD, Engine},
    serde_json::{json, Value},
    solana_client::{
        client_error::{ClientErrorKind, Result},
        rpc_request::{RpcError, RpcRequest, RpcResponseErrorData},
        rpc_sender::{RpcSender, RpcTransportStats},
    },
    solana_message::Hash,
    solana_nonce::{
        state::{Data, DurableNonce, State},
        versions::Versions,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::{signature::Signature, transaction::VersionedTransaction},
    solana_sdk_ids::{bpf_loader_upgradeable, system_program},
    std::{
        io,
        ops::Range,
        sync::{Arc, Mutex},
        time::Duration,
    },
    tokio::time::Instant,
};

const BLOCK: Duration = Duration::from_millis(400);
/// Slots are ahead of blocks, as some are skipped.
const SKIPPED_SLOTS: u64 = 1_000;
const BLOCKHASH_LIFE: u64 = 150;

/// What the cluster does.
#[derive(Clone, Default)]
pub struct Behaviour {
    /// How many transactions it loses, of those that differ.
    pub loses: usize,
    /// How long the others take to land.
    pub landing_takes: Duration,
    /// By how many blocks the nodes that report statuses are behind.
    pub status_lag: u64,
    /// When it does not answer.
    pub silent: Option<Range<Duration>>,
    /// When its nodes have just started and report what held at the first block.
    pub rewound: Option<Range<Duration>>,
    /// Whether `sendTransaction` does its work and then does not answer.
    pub send_is_unanswered: bool,
    /// The error of preflight.
    pub preflight: Option<Value>,
    /// The error on chain.
    pub fails_with: Option<Value>,
    /// When it makes no more blocks.
    pub halts_at: Option<Duration>,
    /// Whether nodes keep no history.
    pub without_history: bool,
    /// The nonce in every account that is asked for by itself.
    pub nonce: Option<Nonce>,
    /// What distinguishes it from other clusters.
    pub genesis: Option<Hash>,
    /// The account at every program's address, if it is no program.
    pub program: Option<Value>,
    /// The error of whatever else is asked.
    pub refuses_with: Option<&'static str>,
}

/// A nonce.
#[derive(Clone)]
pub struct Nonce {
    pub value: DurableNonce,
    pub authority: Pubkey,
    /// When it gets another value.
    pub used_at: Duration,
}

impl Nonce {
    /// Its account after so long.
    fn account(&self, elapsed: Duration) -> Value {
        let value = if elapsed < self.used_at {
            self.value
        } else {
            DurableNonce::from_blockhash(self.value.as_hash())
        };
        let data = Data::new(self.authority, value, 5_000);
        let data = wincode::serialize(&Versions::new(State::Initialized(data))).unwrap();
        let mut account = account(&data);
        account["owner"] = json!(system_program::ID.to_string());
        account
    }
}

/// A transaction that nodes got.
struct Got {
    signature: Signature,
    lands_at: Option<u64>,
}

#[derive(Clone)]
pub struct Cluster {
    behaviour: Behaviour,
    start: Instant,
    got: Arc<Mutex<Vec<Got>>>,
    requests: Arc<Mutex<Vec<(RpcRequest, Value)>>>,
}

impl Cluster {
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            start: Instant::now(),
            got: Arc::default(),
            requests: Arc::default(),
        }
    }

    /// Transactions it got that differ.
    pub fn transactions(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// Transactions that ran.
    pub fn landed(&self) -> usize {
        let now = self.height();
        let got = self.got.lock().unwrap();
        got.iter()
            .filter(|it| it.lands_at.is_some_and(|at| at <= now))
            .count()
    }

    /// The parameters of the requests of one kind, in order.
    pub fn requests(&self, kind: RpcRequest) -> Vec<Value> {
        let requests = self.requests.lock().unwrap();
        let of_kind = requests.iter().filter(|(request, _)| *request == kind);
        of_kind.map(|(_, params)| params.clone()).collect()
    }

    /// The account at an address: the system program's has other data than a program's.
    fn account(&self, address: &Value) -> Value {
        if *address == json!(system_program::ID.to_string()) {
            return account(&[1, 2]);
        }
        let other = self.behaviour.program.clone();
        other.unwrap_or_else(|| program(&bpf_loader_upgradeable::ID, true))
    }

    fn height(&self) -> u64 {
        let halts_at = self.behaviour.halts_at.unwrap_or(Duration::MAX);
        (self.start.elapsed().min(halts_at).as_millis() / BLOCK.as_millis()) as u64
    }

    /// The blockhash of a block.
    fn blockhash(&self) -> Hash {
        let mut bytes = [9; 32];
        bytes[..8].copy_from_slice(&self.height().to_le_bytes());
        Hash::new_from_array(bytes)
    }

    fn is_valid(&self, blockhash: &str) -> bool {
        let bytes = blockhash.parse::<Hash>().unwrap().to_bytes();
        let made_at = u64::from_le_bytes(*bytes.first_chunk().unwrap());
        self.height() <= made_at + BLOCKHASH_LIFE
    }

    fn send_transaction(&self, params: &Value) -> Result<Value> {
        let bytes = BASE64_STANDARD.decode(params[0].as_str().unwrap()).unwrap();
        let transaction: VersionedTransaction = wincode::deserialize(&bytes).unwrap();
        assert!(transaction.verify_with_results().iter().all(|ok| *ok));
        if params[1]["skipPreflight"] == json!(false) {
            if let Some(error) = &self.behaviour.preflight {
                let run = json!({ "err": error, "logs": ["preflight"] });
                return Err(RpcError::RpcResponseError {
                    code: -32002,
                    message: "preflight".into(),
                    data: RpcResponseErrorData::SendTransactionPreflightFailure(
                        serde_json::from_value(run).unwrap(),
                    ),
                }
                .into());
            }
        }
        let signature = transaction.signatures[0];
        let hash = transaction.message.recent_blockhash().to_bytes();
        let signed_at = u64::from_le_bytes(*hash.first_chunk().unwrap());
        let mut got = self.got.lock().unwrap();
        if !got.iter().any(|it| it.signature == signature) {
            let taken = self.behaviour.landing_takes.as_millis() / BLOCK.as_millis();
            let lands_at = self.height() + taken as u64;
            let lands = got.len() >= self.behaviour.loses && lands_at <= signed_at + BLOCKHASH_LIFE;
            got.push(Got {
                signature,
                lands_at: lands.then_some(lands_at),
            });
        }
        if self.behaviour.send_is_unanswered {
            return Err(lost());
        }
        Ok(json!(signature.to_string()))
    }

    fn simulate(&self, params: &Value) -> Result<Value> {
        let rewound = self.behaviour.rewound.as_ref();
        let is_rewound = rewound.is_some_and(|range| range.contains(&self.start.elapsed()));
        let height = if is_rewound { 0 } else { self.height() };
        let slot = height + SKIPPED_SLOTS;
        if params[1]["minContextSlot"].as_u64() > Some(slot) {
            return Err(refused(-32016, "Minimum context slot has not been reached"));
        }
        Ok(json!({
            "context": { "slot": slot },
            "value": {
                "err": is_rewound.then_some("AccountNotFound"),
                "logs": ["simulated"], "unitsConsumed": 2_000, "fee": 5_000,
            },
        }))
    }

    fn statuses(&self, params: &Value) -> Result<Value> {
        if self.behaviour.without_history && params[1]["searchTransactionHistory"] == json!(true) {
            return Err(refused(-32011, "no history"));
        }
        let known = self.height().saturating_sub(self.behaviour.status_lag);
        let signature = params[0][0].as_str().unwrap();
        let got = self.got.lock().unwrap();
        let landed = got
            .iter()
            .find(|it| it.signature.to_string() == signature)
            .and_then(|it| it.lands_at)
            .filter(|at| *at <= known);
        let error = &self.behaviour.fails_with;
        let status = landed.map(|at| {
            json!({
                "slot": at + SKIPPED_SLOTS,
                "confirmations": null,
                "status": error.as_ref().map_or(json!({ "Ok": null }), |it| json!({ "Err": it })),
                "err": error,
                "confirmationStatus": "finalized",
            })
        });
        Ok(json!({ "context": { "slot": known + SKIPPED_SLOTS }, "value": [status] }))
    }
}

fn refused(code: i64, message: &str) -> solana_client::client_error::ClientError {
    RpcError::RpcResponseError {
        code,
        message: message.into(),
        data: RpcResponseErrorData::Empty,
    }
    .into()
}

fn lost() -> solana_client::client_error::ClientError {
    ClientErrorKind::Io(io::Error::other("lost")).into()
}

#[async_trait]
impl RpcSender for Cluster {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value> {
        let silent = self.behaviour.silent.as_ref();
        if silent.is_some_and(|range| range.contains(&self.start.elapsed())) {
            return Err(lost());
        }
        self.requests
            .lock()
            .unwrap()
            .push((request, params.clone()));
        let context = json!({ "slot": self.height() + SKIPPED_SLOTS });
        match request {
            RpcRequest::GetLatestBlockhash => Ok(json!({
                "context": context,
                "value": {
                    "blockhash": self.blockhash().to_string(),
                    "lastValidBlockHeight": self.height() + BLOCKHASH_LIFE,
                },
            })),
            RpcRequest::IsBlockhashValid => Ok(json!({
                "context": context,
                "value": self.is_valid(params[0].as_str().unwrap()),
            })),
            RpcRequest::GetGenesisHash => Ok(match self.behaviour.genesis {
                Some(genesis) => json!(genesis.to_string()),
                None => json!(pubkey(5)),
            }),
            RpcRequest::GetAccountInfo => {
                let nonce = self.behaviour.nonce.as_ref();
                let account = nonce.map(|nonce| nonce.account(self.start.elapsed()));
                Ok(json!({ "context": context, "value": account }))
            }
            RpcRequest::SimulateTransaction => self.simulate(&params),
            RpcRequest::SendTransaction => self.send_transaction(&params),
            RpcRequest::GetSignatureStatuses => self.statuses(&params),
            RpcRequest::GetEpochInfo => Ok(json!({
                "absoluteSlot": self.height() + SKIPPED_SLOTS,
                "blockHeight": self.height(),
                "epoch": 0, "slotIndex": 0, "slotsInEpoch": 432_000, "transactionCount": null,
            })),
            RpcRequest::GetTransaction => Ok(json!({
                "slot": 1,
                "transaction": ["", "base64"],
                "meta": {
                    "err": null, "status": { "Ok": null }, "fee": 5_000,
                    "preBalances": [], "postBalances": [], "logMessages": ["on chain"],
                },
            })),
            RpcRequest::GetMultipleAccounts => {
                let addresses = params[0].as_array().unwrap().iter();
                let accounts: Vec<Value> = addresses.map(|it| self.account(it)).collect();
                Ok(json!({ "context": context, "value": accounts }))
            }
            RpcRequest::GetProgramAccounts => {
                let found = json!([
                    { "pubkey": pubkey(9), "account": account(&[1, 2, 3, 4, 5]) },
                    { "pubkey": pubkey(3), "account": account(&[1, 2, 3, 4, 5]) },
                    { "pubkey": pubkey(1), "account": account(&[1, 2, 3, 4, 6]) },
                ]);
                Ok(json!({ "context": context, "value": found }))
            }
            other => match self.behaviour.refuses_with {
                Some(message) => Err(refused(-32000, message)),
                None => panic!("{other} was not expected"),
            },
        }
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "https://example.com/secret".into()
    }
}

/// A program's account, of this owner.
pub fn program(owner: &Pubkey, is_executable: bool) -> Value {
    json!({
        "lamports": 1, "owner": owner.to_string(), "executable": is_executable, "rentEpoch": 0, "space": 0,
        "data": ["", "base64"],
    })
}

fn account(data: &[u8]) -> Value {
    json!({
        "lamports": 1, "owner": pubkey(7), "executable": false, "rentEpoch": 0, "space": data.len(),
        "data": [BASE64_STANDARD.encode(data), "base64"],
    })
}

fn pubkey(byte: u8) -> String {
    Pubkey::new_from_array([byte; 32]).to_string()
}
