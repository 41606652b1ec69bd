//! Sending many transactions that may land in any order, or not at all.
//!
//! `send_and_confirm_transactions_in_parallel_v2` of `solana-client` is no substitute: it sends what was lost again only once
//! its blockhash has expired, waits for ever while the cluster is out of reach, and goes on asking after it was dropped.
//! BENCHMARKS.md has the figures.

use {
    crate::{
        ledger::{failed, LedgerError, Sent},
        rpc::{
            send::{OUTAGE_LIMIT, OUTCOME_TIMEOUT, POLL, RESEND},
            Failure, RpcLedger,
        },
    },
    futures_util::future::join_all,
    solana_client::{
        rpc_config::RpcSendTransactionConfig, rpc_request::MAX_GET_SIGNATURE_STATUSES_QUERY_ITEMS,
    },
    solana_sdk::{signature::Signature, transaction::VersionedTransaction},
    std::collections::HashMap,
    tokio::time::{sleep, Instant},
};

/// How many requests are in flight at a time.
const PARALLEL: usize = 16;

/// Transactions that were signed with one blockhash and did not land yet.
pub struct WriteBatch<'a> {
    ledger: &'a RpcLedger,
    last_valid_block_height: u64,
    pending: HashMap<Signature, VersionedTransaction>,
    last_answer: Instant,
    last_problem: String,
}

impl<'a> WriteBatch<'a> {
    pub fn new(ledger: &'a RpcLedger, last_valid_block_height: u64) -> Self {
        Self {
            ledger,
            last_valid_block_height,
            pending: HashMap::new(),
            last_answer: Instant::now(),
            last_problem: String::new(),
        }
    }

    pub fn add(&mut self, transaction: VersionedTransaction) {
        if let Some(signature) = transaction.signatures.first() {
            self.pending.insert(*signature, transaction);
        }
    }

    /// Sends them again and again until all have landed or their blockhash has expired, and reports
    /// how many have landed so far. What is still missing then may land later.
    ///
    /// # Errors
    /// [`LedgerError::Unreachable`]; that of the first one that failed.
    pub async fn run(mut self, landed: &(dyn Fn(usize) + Sync)) -> Result<(), LedgerError> {
        let total = self.pending.len();
        let started = Instant::now();
        while !self.pending.is_empty() && !self.is_expired().await {
            self.broadcast().await;
            let sent = Instant::now();
            while !self.pending.is_empty() && sent.elapsed() < RESEND {
                sleep(POLL).await;
                self.remove_landed().await?;
                landed(total.saturating_sub(self.pending.len()));
            }
            if self.last_answer.elapsed() >= OUTAGE_LIMIT {
                return Err(self.ledger.unreachable(self.last_problem));
            }
            if started.elapsed() >= OUTCOME_TIMEOUT {
                break;
            }
        }
        Ok(())
    }

    /// Sends what has not landed, up to where nothing is answered any more: from a node out of reach each further request
    /// would take a time-out. Any other answer says nothing that the status will not.
    async fn broadcast(&self) {
        let client = &self.ledger.client;
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let pending: Vec<&VersionedTransaction> = self.pending.values().collect();
        for some in pending.chunks(PARALLEL) {
            let sends = some
                .iter()
                .map(|transaction| client.send_transaction_with_config(*transaction, config));
            let answers = join_all(sends).await;
            let is_unanswered = |error| Failure::from(error).is_unanswered();
            if answers
                .into_iter()
                .all(|answer| answer.is_err_and(is_unanswered))
            {
                return;
            }
        }
    }

    /// Removes those that have landed.
    async fn remove_landed(&mut self) -> Result<(), LedgerError> {
        let signatures: Vec<Signature> = self.pending.keys().copied().collect();
        for some in signatures.chunks(MAX_GET_SIGNATURE_STATUSES_QUERY_ITEMS) {
            let statuses = match self.ledger.client.get_signature_statuses(some).await {
                Ok(answer) => answer.value,
                Err(error) => {
                    self.not_answered(error.into());
                    return Ok(());
                }
            };
            self.last_answer = Instant::now();
            for (signature, status) in some.iter().zip(statuses) {
                let Some(status) = status else { continue };
                if !status.satisfies_commitment(self.ledger.commitment) {
                    continue;
                }
                self.ledger.transport.saw(status.slot);
                self.pending.remove(signature);
                if let Some(error) = status.err {
                    // None of the program's own errors: it is not there yet.
                    let sent = Sent {
                        program_id: &self.ledger.program_id,
                        instructions: &[],
                        prelude: 0,
                    };
                    return Err(failed(error, Vec::new(), sent));
                }
            }
        }
        Ok(())
    }

    async fn is_expired(&mut self) -> bool {
        let commitment = self.ledger.at_least_confirmed();
        let client = &self.ledger.client;
        match client.get_block_height_with_commitment(commitment).await {
            Ok(height) => {
                self.last_answer = Instant::now();
                height > self.last_valid_block_height
            }
            Err(error) => {
                self.not_answered(error.into());
                false
            }
        }
    }

    fn not_answered(&mut self, failure: Failure) {
        if !failure.is_unanswered() {
            self.last_answer = Instant::now();
        }
        self.last_problem = failure.to_string();
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        async_trait::async_trait,
        serde_json::Value,
        solana_client::{
            client_error::{ClientErrorKind, Result as ClientResult},
            rpc_config::CommitmentConfig,
            rpc_request::RpcRequest,
            rpc_sender::{RpcSender, RpcTransportStats},
        },
        std::{
            io,
            sync::{
                atomic::{AtomicUsize, Ordering},
                Arc,
            },
            time::Duration,
        },
    };

    const TIMEOUT: Duration = Duration::from_secs(30);

    /// A node that swallows every request.
    #[derive(Clone, Default)]
    struct SilentNode {
        sends: Arc<AtomicUsize>,
    }

    #[async_trait]
    impl RpcSender for SilentNode {
        async fn send(&self, request: RpcRequest, _params: Value) -> ClientResult<Value> {
            if request == RpcRequest::SendTransaction {
                self.sends.fetch_add(1, Ordering::Relaxed);
            }
            sleep(TIMEOUT).await;
            Err(ClientErrorKind::Io(io::Error::other("timed out")).into())
        }

        fn get_transport_stats(&self) -> RpcTransportStats {
            RpcTransportStats::default()
        }

        fn url(&self) -> String {
            "https://example.com".into()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_swallows_requests_is_given_up_after_one_window_of_them() {
        let node = SilentNode::default();
        let ledger = RpcLedger::with_sender(node.clone(), CommitmentConfig::confirmed());
        let mut batch = WriteBatch::new(&ledger, u64::MAX);
        for number in 0..200 {
            batch.add(VersionedTransaction {
                signatures: vec![Signature::from([number; 64])],
                ..VersionedTransaction::default()
            });
        }
        let started = Instant::now();
        let error = batch.run(&|_| {}).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot reach https://example.com: timed out"
        );
        assert_eq!(node.sends.load(Ordering::Relaxed), PARALLEL);
        // The block height, a window of transactions and their status were asked for, once each.
        assert_eq!(started.elapsed(), 3 * TIMEOUT + POLL);
    }
}
