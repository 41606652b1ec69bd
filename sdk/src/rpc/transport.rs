//! Every request that goes to a cluster, and every answer that is believed.
//!
//! One URL may stand for several nodes, and one of them may be far behind another. So no answer is believed that
//! is older than one that came before it: the [`Floor`] is the newest slot that this client has seen. It goes along as
//! `minContextSlot` with every method that takes it, and the slot that an answer names is held against it. A node that
//! is below the floor is asked again, as one that is busy or whose connection breaks.

mod http;
mod meter;
mod retry;

pub(super) use http::Http;
pub use retry::Delay;
pub(super) use {http::NodeError, meter::Meter, retry::Retry};

use {
    super::Failure,
    crate::ledger::RequestOutcome,
    async_trait::async_trait,
    serde_json::Value,
    solana_client::{
        client_error::Result as ClientResult,
        rpc_config::CommitmentConfig,
        rpc_custom_error::JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
        rpc_request::RpcRequest,
        rpc_sender::{RpcSender, RpcTransportStats},
    },
    std::sync::{
        atomic::{AtomicU64, Ordering},
        Arc, OnceLock,
    },
    tokio::time::sleep,
};

/// Is called with what a request waits for.
pub(super) type OnDelay = Box<dyn Fn(&Delay) + Send + Sync>;

/// What carries a request to the cluster and its answer back.
enum Backend {
    Http(Http),
    Other(Box<dyn RpcSender + Send + Sync>),
}

/// Sends requests to a cluster, and believes no answer that is older than an earlier one.
pub(super) struct Transport {
    backend: Backend,
    /// How final an answer must be to raise the floor.
    commitment: CommitmentConfig,
    floor: Floor,
    on_delay: OnceLock<OnDelay>,
    /// Counts every request; watchers count there too.
    pub meter: Arc<Meter>,
}

/// The newest slot that was seen, and the oldest at which accounts were read.
struct Floor {
    seen: AtomicU64,
    oldest_read: AtomicU64,
}

impl Transport {
    /// Requests go by HTTP.
    pub fn http(http: Http, commitment: CommitmentConfig) -> Self {
        Self::new(Backend::Http(http), commitment)
    }

    /// Requests go through a sender of the caller's.
    pub fn other(
        sender: impl RpcSender + Send + Sync + 'static,
        commitment: CommitmentConfig,
    ) -> Self {
        Self::new(Backend::Other(Box::new(sender)), commitment)
    }

    fn new(backend: Backend, commitment: CommitmentConfig) -> Self {
        Self {
            backend,
            commitment,
            floor: Floor {
                seen: AtomicU64::new(0),
                oldest_read: AtomicU64::new(u64::MAX),
            },
            on_delay: OnceLock::new(),
            meter: Arc::default(),
        }
    }

    /// Calls `on_delay` with what requests wait for; the first that is set counts.
    pub fn on_delay(&self, on_delay: OnDelay) {
        let _ = self.on_delay.set(on_delay);
    }

    /// The HTTP connections, where lists can be read from as they come.
    pub fn as_http(&self) -> Option<&Http> {
        match &self.backend {
            Backend::Http(http) => Some(http),
            Backend::Other(_) => None,
        }
    }

    /// The newest slot that was seen.
    pub fn seen(&self) -> u64 {
        self.floor.seen.load(Ordering::Relaxed)
    }

    /// Raises the floor to a slot of the client's commitment.
    pub fn saw(&self, slot: u64) {
        self.floor.seen.fetch_max(slot, Ordering::Relaxed);
    }

    /// Raises the floor to a slot that was named in an answer of this commitment.
    pub fn saw_at(&self, slot: u64, commitment: CommitmentConfig) {
        if rank(Some(commitment)) >= rank(Some(self.commitment)) {
            self.saw(slot);
        }
    }

    /// The oldest slot at which accounts were read.
    pub fn oldest_read(&self) -> Option<u64> {
        let oldest = self.floor.oldest_read.load(Ordering::Relaxed);
        (oldest < u64::MAX).then_some(oldest)
    }

    /// Asks until there is an answer that counts.
    pub async fn ask(&self, request: RpcRequest, mut params: Value) -> Result<Value, Failure> {
        let mut retry = Retry::new(request);
        loop {
            let floor = self.floor_for(request, &params);
            require_slot(&mut params, floor);
            let asked = match &self.backend {
                Backend::Http(http) => http.ask(request, params.clone()).await,
                Backend::Other(sender) => {
                    let asked = sender.send(request, params.clone()).await;
                    asked.map_err(Failure::from)
                }
            };
            let believed = asked.and_then(|answer| {
                let slot = answer.pointer("/context/slot").and_then(Value::as_u64);
                if let (Some(floor), Some(slot)) = (floor, slot) {
                    self.believe(request, &params, slot, floor)?;
                }
                Ok(answer)
            });
            let believed = believed.map_err(|failure| at_floor(failure, floor));
            let outcome = believed.as_ref().err().map(RequestOutcome::from);
            self.meter
                .count(request, outcome.unwrap_or(RequestOutcome::Ok));
            match believed {
                Ok(answer) => return Ok(answer),
                Err(failure) => self.wait(&mut retry, failure).await?,
            }
        }
    }

    /// Waits until a request may be made again that failed so.
    ///
    /// # Errors
    /// It failed for good.
    pub async fn wait(&self, retry: &mut Retry, failure: Failure) -> Result<(), Failure> {
        let (pause, delay) = retry.after(failure)?;
        if let (Some(on_delay), Some(delay)) = (self.on_delay.get(), delay) {
            on_delay(&delay);
        }
        sleep(pause).await;
        Ok(())
    }

    /// The slot that an answer must have reached, where the method says at which slot it answers.
    pub fn floor_for(&self, request: RpcRequest, params: &Value) -> Option<u64> {
        let takes_slot = matches!(
            request,
            RpcRequest::GetAccountInfo
                | RpcRequest::GetBalance
                | RpcRequest::GetLatestBlockhash
                | RpcRequest::GetMultipleAccounts
                | RpcRequest::GetProgramAccounts
                | RpcRequest::GetSignaturesForAddress
                | RpcRequest::IsBlockhashValid
                | RpcRequest::SendTransaction
                | RpcRequest::SimulateTransaction
        );
        // A node's view of what is more final is behind by nature.
        let is_more_final = rank(commitment_of(params)) > rank(Some(self.commitment));
        let seen = (takes_slot && !is_more_final).then(|| self.seen());
        seen.max(asked_slot(params))
    }

    /// Takes an answer's slot for seen.
    ///
    /// # Errors
    /// It is below the floor.
    pub fn believe(
        &self,
        request: RpcRequest,
        params: &Value,
        slot: u64,
        floor: u64,
    ) -> Result<(), Failure> {
        if slot < floor {
            return Err(Failure::Behind {
                slot: Some(slot),
                seen: floor,
            });
        }
        if rank(commitment_of(params)) >= rank(Some(self.commitment)) {
            self.saw(slot);
        }
        if reads_accounts(request) {
            self.floor.oldest_read.fetch_min(slot, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The transport as Solana's client takes it.
pub(super) struct SharedTransport(pub Arc<Transport>);

#[async_trait]
impl RpcSender for SharedTransport {
    async fn send(&self, request: RpcRequest, params: Value) -> ClientResult<Value> {
        Ok(self.0.ask(request, params).await?)
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        match &self.0.backend {
            Backend::Http(http) => http.url().to_owned(),
            Backend::Other(sender) => sender.url(),
        }
    }
}

fn reads_accounts(request: RpcRequest) -> bool {
    matches!(
        request,
        RpcRequest::GetAccountInfo
            | RpcRequest::GetMultipleAccounts
            | RpcRequest::GetProgramAccounts
    )
}

/// Has a request answered at `floor` or later; all that take a slot take it in their last parameter.
pub(super) fn require_slot(params: &mut Value, floor: Option<u64>) {
    let config = params.as_array_mut().and_then(|all| all.last_mut());
    if let (Some(Value::Object(config)), Some(floor)) = (config, floor.filter(|slot| *slot > 0)) {
        config.insert("minContextSlot".into(), floor.into());
    }
}

/// A node that refuses `minContextSlot` is behind the floor.
pub(super) fn at_floor(failure: Failure, floor: Option<u64>) -> Failure {
    match (failure, floor) {
        (Failure::Answered { code, .. }, Some(seen))
            if code == JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED =>
        {
            Failure::Behind { slot: None, seen }
        }
        (failure, _) => failure,
    }
}

/// The slot that the caller itself asks for.
fn asked_slot(params: &Value) -> Option<u64> {
    let config = params.as_array()?.last()?;
    config.get("minContextSlot")?.as_u64()
}

fn commitment_of(params: &Value) -> Option<CommitmentConfig> {
    let config = params.as_array()?.last()?;
    let named = config
        .get("commitment")
        .or_else(|| config.get("preflightCommitment"))?;
    named.as_str()?.parse().ok()
}

/// The more final, the higher. A node takes no commitment for the most final one.
fn rank(commitment: Option<CommitmentConfig>) -> u8 {
    match commitment {
        Some(it) if it.is_finalized() => 2,
        Some(it) if it.is_confirmed() => 1,
        Some(_) => 0,
        None => 2,
    }
}
