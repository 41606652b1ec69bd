//! Sending a transaction until its outcome is known.
//!
//! A transaction can land as long as its blockhash is valid, whatever the node that took it says
//! afterwards. So it is sent again, as it is, until it has a status; it is only signed anew, with
//! another blockhash, once it is sure that the old one never lands. That takes two things. The
//! cluster is past the last block in which it could land, at a commitment that is not rolled back.
//! And a node that is no less far searched its whole history for its status and found none: nodes
//! behind one URL may be seconds apart.
//!
//! What was signed before may have been sent before, by whomever. Where it can land no more, it is looked up in the
//! same way and not sent.

use {
    super::{lifetime::TransactionLifetime, Failure, RpcLedger},
    crate::ledger::{failed, instructions_of, payer, sign, Ledger, LedgerError, Receipt, Sent},
    solana_client::rpc_config::RpcSendTransactionConfig,
    solana_message::Message,
    solana_program::{hash::Hash, instruction::Instruction},
    solana_sdk::{
        signature::Signature,
        signer::Signer,
        transaction::{TransactionError, VersionedTransaction},
    },
    std::time::Duration,
    tokio::time::{sleep, Instant},
};

/// How often a transaction is signed before it is given up. A blockhash lives for a minute or so.
pub(super) const ATTEMPTS: u32 = 5;
/// How often the status is asked for.
pub(super) const POLL: Duration = Duration::from_millis(300);
/// How often the transaction is sent again.
pub(super) const RESEND: Duration = Duration::from_secs(2);
/// The longest pause after requests that failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// How long the cluster may not answer at all.
pub(super) const OUTAGE_LIMIT: Duration = Duration::from_secs(60);
/// How long it may take until one blockhash's transaction has landed or has expired.
pub(super) const OUTCOME_TIMEOUT: Duration = Duration::from_secs(240);

/// How it ended with one blockhash.
enum Outcome {
    /// The transaction ran, in this slot.
    Landed {
        slot: u64,
        error: Option<TransactionError>,
    },
    /// It did not run and never will.
    Expired,
}

/// One transaction whose outcome is awaited.
struct Attempt<'a> {
    ledger: &'a RpcLedger,
    sent: Sent<'a>,
    transaction: VersionedTransaction,
    signature: Signature,
    lifetime: TransactionLifetime,
    /// Whether a node may have it.
    is_out: bool,
    /// A slot beyond the last in which it can land.
    expired_at: Option<u64>,
    last_answer: Instant,
    last_problem: Option<Failure>,
    pause: Duration,
}

impl RpcLedger {
    /// See [`Ledger::send`].
    pub(super) async fn send_and_confirm(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        let fee_payer = payer(signers)?;
        let simulation = self.simulate(instructions, &fee_payer).await?;
        let limit = self.distinct_limit(simulation.compute_units);
        let all = self.budgeted(instructions, limit);
        let sent = Sent {
            program_id: &self.program_id,
            instructions,
            prelude: all.len().saturating_sub(instructions.len()),
        };
        for _ in 0..ATTEMPTS {
            let (blockhash, last_valid_block_height) = self.blockhash_to_sign_with().await?;
            let message = Message::new_with_blockhash(&all, Some(&fee_payer), &blockhash);
            let transaction = sign(message, signers)?;
            let lifetime = TransactionLifetime::LastBlock(last_valid_block_height);
            let attempt = Attempt::new(self, sent, transaction, lifetime);
            let signature = attempt.signature;
            let outcome = attempt.run().await?;
            if let Some(receipt) = self.receipt(signature, outcome, sent).await? {
                return Ok(receipt);
            }
        }
        Err(LedgerError::Dropped { attempts: ATTEMPTS })
    }

    /// See [`Ledger::send_transaction`].
    pub(super) async fn send_signed(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        let lifetime = self.lifetime_of(&transaction).await?;
        let unlanded = match lifetime {
            TransactionLifetime::Over(_) => LedgerError::Failed {
                error: TransactionError::BlockhashNotFound,
                logs: vec![],
            },
            _ => LedgerError::Dropped { attempts: 1 },
        };
        let instructions = instructions_of(&transaction.message);
        let sent = Sent {
            program_id: &self.program_id,
            instructions: &instructions,
            prelude: 0,
        };
        let attempt = Attempt::new(self, sent, transaction, lifetime);
        let signature = attempt.signature;
        let outcome = attempt.run().await?;
        let receipt = self.receipt(signature, outcome, sent).await?;
        receipt.ok_or(unlanded)
    }

    /// The receipt of a transaction that landed, `None` if it expired.
    async fn receipt(
        &self,
        signature: Signature,
        outcome: Outcome,
        sent: Sent<'_>,
    ) -> Result<Option<Receipt>, LedgerError> {
        if let Outcome::Landed { slot, .. } = outcome {
            self.transport.saw(slot);
        }
        match outcome {
            Outcome::Landed { slot, error: None } => Ok(Some(Receipt {
                signature,
                slot,
                compute_units: None,
                fee: None,
                logs: Vec::new(),
            })),
            Outcome::Landed {
                error: Some(error), ..
            } => Err(failed(error, self.logs(&signature).await, sent)),
            Outcome::Expired => Ok(None),
        }
    }

    /// A blockhash to sign with, and the last block in which it is valid.
    pub(super) async fn blockhash_to_sign_with(&self) -> Result<(Hash, u64), LedgerError> {
        self.client
            .get_latest_blockhash_with_commitment(self.commitment)
            .await
            .map_err(|error| self.unanswered(error))
    }

    /// The logs of a transaction that landed, if the node has them: an error is more use with them,
    /// and is one without them too.
    async fn logs(&self, signature: &Signature) -> Vec<String> {
        match self.details(signature).await {
            Ok(Some(receipt)) => receipt.logs,
            Ok(None) | Err(_) => Vec::new(),
        }
    }
}

impl<'a> Attempt<'a> {
    fn new(
        ledger: &'a RpcLedger,
        sent: Sent<'a>,
        transaction: VersionedTransaction,
        lifetime: TransactionLifetime,
    ) -> Self {
        let expired_at = match lifetime {
            TransactionLifetime::Over(slot) => Some(slot),
            _ => None,
        };
        Self {
            ledger,
            sent,
            signature: transaction.signatures.first().copied().unwrap_or_default(),
            transaction,
            lifetime,
            is_out: false,
            expired_at,
            last_answer: Instant::now(),
            last_problem: None,
            pause: POLL,
        }
    }

    async fn run(mut self) -> Result<Outcome, LedgerError> {
        let started = Instant::now();
        if self.expired_at.is_none() {
            self.broadcast().await?;
        }
        let mut last_sent = Instant::now();
        loop {
            sleep(self.pause).await;
            if let Some(outcome) = self.outcome().await? {
                return Ok(outcome);
            }
            if self.expired_at.is_none() && last_sent.elapsed() >= RESEND {
                self.check_expiry().await;
                if self.expired_at.is_none() {
                    self.broadcast().await?;
                }
                last_sent = Instant::now();
            }
            if self.last_answer.elapsed() >= OUTAGE_LIMIT || started.elapsed() >= OUTCOME_TIMEOUT {
                return Err(self.given_up());
            }
        }
    }

    /// Sends the transaction. The first node that gets it runs it before it forwards it; after
    /// that, a refusal may come from the transaction's own success.
    async fn broadcast(&mut self) -> Result<(), LedgerError> {
        let config = RpcSendTransactionConfig {
            skip_preflight: self.is_out,
            preflight_commitment: Some(self.ledger.commitment.commitment),
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let client = &self.ledger.client;
        let answer = client.send_transaction_with_config(&self.transaction, config);
        match answer.await.map_err(Failure::from) {
            Ok(_) => {
                self.is_out = true;
                self.answered();
            }
            Err(failure) if !self.is_out && failure.is_final() => {
                return Err(match failure {
                    Failure::Rejected { error, logs } => failed(error, logs, self.sent),
                    Failure::Answered { code, message } => {
                        let url = &self.ledger.url;
                        let message = url.redact(&message);
                        LedgerError::Other(format!(
                            "{url} refused the transaction: {message} ({code})"
                        ))
                    }
                    failure => self.ledger.unanswered(failure),
                });
            }
            Err(failure) => {
                self.is_out |= !failure.had_no_effect();
                self.not_answered(failure);
            }
        }
        Ok(())
    }

    /// How it ended, if it has ended.
    ///
    /// # Errors
    /// The node cannot know how.
    async fn outcome(&mut self) -> Result<Option<Outcome>, LedgerError> {
        let client = &self.ledger.client;
        let signature = [self.signature];
        let mut answer = match self.expired_at {
            Some(_) => client.get_signature_statuses_with_history(&signature).await,
            None => client.get_signature_statuses(&signature).await,
        }
        .map_err(Failure::from);
        let is_recent_only = answer.as_ref().is_err_and(Failure::is_without_history);
        if is_recent_only {
            let recent = client.get_signature_statuses(&signature).await;
            answer = recent.map_err(Failure::from);
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                self.not_answered(failure);
                return Ok(None);
            }
        };
        self.answered();
        let is_expired = self
            .expired_at
            .is_some_and(|slot| answer.context.slot >= slot);
        match answer.value.into_iter().next().flatten() {
            Some(status) if status.satisfies_commitment(self.ledger.commitment) => {
                Ok(Some(Outcome::Landed {
                    slot: status.slot,
                    error: status.err,
                }))
            }
            None if is_expired => self.expired(is_recent_only).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// That it expired, as no node has it.
    ///
    /// A node without history has the last 300 slots. A blockhash lives for 150 blocks, so what could still land when
    /// this began would be there; what could not may have landed at any time.
    fn expired(&self, is_recent_only: bool) -> Result<Outcome, LedgerError> {
        if is_recent_only && matches!(self.lifetime, TransactionLifetime::Over(_)) {
            let url = &self.ledger.url;
            return Err(LedgerError::Other(format!(
                "{url} keeps no history of transactions, so it is not known whether {} ran",
                self.signature
            )));
        }
        Ok(Outcome::Expired)
    }

    /// Notes the slot if the cluster is past the last in which the transaction can land.
    async fn check_expiry(&mut self) {
        match self.ledger.end_of(&self.lifetime).await {
            Ok(end) => {
                self.answered();
                self.expired_at = end;
            }
            Err(failure) => self.not_answered(failure),
        }
    }

    fn answered(&mut self) {
        self.last_answer = Instant::now();
        self.pause = POLL;
    }

    fn not_answered(&mut self, failure: Failure) {
        if failure.is_unanswered() {
            self.pause = LONGEST_PAUSE.min(self.pause.saturating_mul(2));
        } else {
            self.answered();
        }
        self.last_problem = Some(failure);
    }

    fn given_up(self) -> LedgerError {
        match (self.is_out, self.last_problem) {
            (false, Some(problem @ (Failure::Behind { .. } | Failure::NoProxy { .. }))) => {
                self.ledger.unanswered(problem)
            }
            (false, Some(problem)) => self.ledger.unreachable(problem.to_string()),
            _ => LedgerError::Unconfirmed(self.signature),
        }
    }
}
