//! Counting what is asked of a cluster.

use {
    super::super::Failure,
    crate::ledger::{LedgerError, RequestOutcome, Traffic},
    solana_client::{
        rpc_custom_error::JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY, rpc_request::RpcRequest,
    },
    std::{
        collections::BTreeMap,
        sync::{
            atomic::{AtomicU64, Ordering},
            Mutex, PoisonError,
        },
    },
};

/// Counts what is asked of a cluster.
#[derive(Default)]
pub struct Meter {
    requests: Mutex<BTreeMap<(String, RequestOutcome), u64>>,
    reconnects: AtomicU64,
}

impl Meter {
    /// Counts a request that was made.
    pub fn count(&self, request: RpcRequest, outcome: RequestOutcome) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry((request.to_string(), outcome)).or_default();
        *count = count.saturating_add(1);
    }

    /// Counts a websocket that is connected anew.
    pub fn count_reconnect(&self) {
        self.reconnects.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts so far.
    pub fn read(&self) -> Traffic {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        Traffic {
            requests: requests.clone(),
            reconnects: self.reconnects.load(Ordering::Relaxed),
        }
    }
}

impl From<&Failure> for RequestOutcome {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Behind { .. }
            | Failure::Answered {
                code: JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY,
                ..
            } => Self::Behind,
            Failure::Rejected { .. } | Failure::Answered { .. } => Self::Error,
            Failure::TooSoon { .. } => Self::Limited,
            Failure::Denied(_) => Self::Denied,
            Failure::NotSent(_)
            | Failure::NoProxy { .. }
            | Failure::NoAnswer(_)
            | Failure::Broken(_) => Self::Unreachable,
        }
    }
}

/// Of a list that was begun and is not whole.
impl From<&LedgerError> for RequestOutcome {
    fn from(error: &LedgerError) -> Self {
        match error {
            LedgerError::Unreachable { .. } => Self::Unreachable,
            LedgerError::Behind { .. } => Self::Behind,
            LedgerError::Denied { .. } => Self::Denied,
            _ => Self::Error,
        }
    }
}
