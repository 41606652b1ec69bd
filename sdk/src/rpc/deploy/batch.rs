//! Sending many transactions that may land in any order, or not at all.

use {
    crate::{
        ledger::{failed, LedgerError, Sent},
        rpc::{
            send::{PATIENCE, POLL, RESEND, SILENCE},
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

/// How many requests are under way at once.
const PARALLEL: usize = 16;

/// Transactions that were signed with one blockhash and did not land yet.
pub struct Batch<'a> {
    ledger: &'a RpcLedger,
    last_valid_block_height: u64,
    pending: HashMap<Signature, VersionedTransaction>,
    last_answer: Instant,
    last_problem: String,
}

impl<'a> Batch<'a> {
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

    /// Sends them again and again until all have landed or their blockhash has expired, and tells
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
                self.settle().await?;
                landed(total.saturating_sub(self.pending.len()));
            }
            if self.last_answer.elapsed() >= SILENCE {
                return Err(self.ledger.unreachable(self.last_problem));
            }
            if started.elapsed() >= PATIENCE {
                break;
            }
        }
        Ok(())
    }

    /// Sends what has not landed. An answer says nothing that the status will not.
    async fn broadcast(&mut self) {
        let ledger = self.ledger;
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let mut transactions = self.pending.values();
        loop {
            let some: Vec<_> = transactions
                .by_ref()
                .take(PARALLEL)
                .map(|transaction| {
                    ledger
                        .client
                        .send_transaction_with_config(transaction, config)
                })
                .collect();
            if some.is_empty() {
                return;
            }
            join_all(some).await;
        }
    }

    /// Takes out those that have landed.
    async fn settle(&mut self) -> Result<(), LedgerError> {
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
        if !failure.is_silence() {
            self.last_answer = Instant::now();
        }
        self.last_problem = failure.to_string();
    }
}
