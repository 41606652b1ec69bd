use {
    async_trait::async_trait,
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::rpc::CommitmentConfig,
    serde_json::{json, Value},
    solana_client::{
        client_error::{ClientError, ClientErrorKind, Result},
        nonblocking::rpc_client::RpcClient,
        rpc_request::RpcRequest,
        rpc_sender::{RpcSender, RpcTransportStats},
    },
    solana_sdk::signature::Signature,
    std::{
        future::Future,
        io,
        pin::Pin,
        sync::{
            atomic::{AtomicBool, Ordering},
            Arc, Mutex,
        },
    },
};

/// What the relay does with a request to send a transaction.
pub enum Act {
    /// It goes through.
    Pass,
    /// It goes through, without preflight.
    Land,
    /// It goes through this many times.
    Repeat(usize),
    /// It goes through, then this happens, and its answer does not come back.
    HangUp(Box<dyn FnOnce() + Send>),
    /// It does not go through, and is answered as if it had.
    Swallow,
}

type Decision = Pin<Box<dyn Future<Output = Act> + Send>>;
type Decide = dyn Fn(usize) -> Decision + Send + Sync;

/// Stands between a client and a validator.
#[derive(Clone)]
pub struct Relay {
    validator: Arc<RpcClient>,
    decide: Arc<Decide>,
    seen: Arc<Mutex<Seen>>,
    is_cut: Arc<AtomicBool>,
}

#[derive(Default)]
struct Seen {
    /// The parameters of each transaction that differs.
    transactions: Vec<Value>,
    /// How many accounts each list had, as it came.
    listed: Vec<usize>,
}

impl Relay {
    /// `decide` is asked for each request to send a transaction, with the number of the transaction
    /// among those that differ, from 0. What it waits for happens first.
    pub fn new<F>(url: String, decide: impl Fn(usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Act> + Send + 'static,
    {
        let commitment = CommitmentConfig::confirmed();
        Self {
            validator: Arc::new(RpcClient::new_with_commitment(url, commitment)),
            decide: Arc::new(move |number| Box::pin(decide(number))),
            seen: Arc::default(),
            is_cut: Arc::default(),
        }
    }

    /// Lets no request and no answer through, or again all.
    pub fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }

    /// The requests of transactions that differ, as they came.
    pub fn transactions(&self) -> Vec<Value> {
        self.seen
            .lock()
            .expect("no one panicked")
            .transactions
            .clone()
    }

    /// How many accounts the validator sent for each list.
    pub fn listed(&self) -> Vec<usize> {
        self.seen.lock().expect("no one panicked").listed.clone()
    }

    fn number(&self, params: &Value) -> usize {
        let transactions = &mut self.seen.lock().expect("no one panicked").transactions;
        let known = transactions.iter().position(|it| it[0] == params[0]);
        known.unwrap_or_else(|| {
            transactions.push(params.clone());
            transactions.len() - 1
        })
    }

    async fn pass(&self, request: RpcRequest, params: Value) -> Result<Value> {
        self.unless_cut()?;
        let answer = self.validator.send(request, params).await;
        self.unless_cut()?;
        answer
    }

    fn unless_cut(&self) -> Result<()> {
        if self.is_cut.load(Ordering::SeqCst) {
            Err(hung_up())
        } else {
            Ok(())
        }
    }

    async fn send_transaction(&self, mut params: Value) -> Result<Value> {
        let request = RpcRequest::SendTransaction;
        match (self.decide)(self.number(&params)).await {
            Act::Pass => self.pass(request, params).await,
            Act::Land => {
                params[1]["skipPreflight"] = json!(true);
                self.pass(request, params).await
            }
            Act::Repeat(times) => {
                params[1]["skipPreflight"] = json!(true);
                for _ in 1..times {
                    self.pass(request, params.clone()).await?;
                }
                self.pass(request, params).await
            }
            Act::HangUp(then) => {
                self.pass(request, params).await?;
                then();
                Err(hung_up())
            }
            Act::Swallow => Ok(json!(signature(&params).to_string())),
        }
    }
}

fn hung_up() -> ClientError {
    ClientErrorKind::Io(io::Error::other("the relay hung up")).into()
}

/// The first signature of a transaction in a request. The count of them is one byte.
fn signature(params: &Value) -> Signature {
    let bytes = params[0].as_str().expect("a transaction in Base64");
    let bytes = BASE64_STANDARD
        .decode(bytes)
        .expect("a transaction in Base64");
    Signature::try_from(&bytes[1..65]).expect("64 bytes")
}

#[async_trait]
impl RpcSender for Relay {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value> {
        if request == RpcRequest::SendTransaction {
            return self.send_transaction(params).await;
        }
        let answer = self.pass(request, params).await?;
        if request == RpcRequest::GetProgramAccounts {
            let listed = answer["value"].as_array().map_or(0, Vec::len);
            self.seen
                .lock()
                .expect("no one panicked")
                .listed
                .push(listed);
        }
        Ok(answer)
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        self.validator.url()
    }
}
