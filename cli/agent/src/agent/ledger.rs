//! The ledger's side: who changed the device there, and what the agent changes itself.

use {
    super::{attempts::Attempts, duplicate::Duplicate},
    crate::{
        chain::{Act, ActReader, Chain, LedgerChanges, Sender, Sent, Signatures},
        Unknown,
    },
    ebb_sdk::{client::Client, fleet::Key, state::Health},
    std::time::{Duration, Instant},
    tokio::{task::JoinSet, time::timeout},
};

/// Changes the ledger, and finds out who else does.
pub struct LedgerSide {
    acts: ActReader,
    duplicate: Duplicate,
    sender: Sender,
    sending: JoinSet<Sent>,
    attempts: Attempts,
}

impl LedgerSide {
    /// `key` is the agent's, and `fee_payer` pays fees and rent.
    pub fn new(client: Client, key: Key, fee_payer: Key) -> Self {
        let made = Signatures::default();
        let (key, fee_payer) = (made.record(key), made.record(fee_payer));
        Self {
            acts: ActReader::new(client.clone()),
            duplicate: Duplicate::new(made),
            sender: Sender::new(client, key, fee_payer),
            sending: JoinSet::new(),
            attempts: Attempts::default(),
        }
    }

    /// Who changed the device after the change with the sequence `since`.
    ///
    /// # Errors
    /// The ledger did not say.
    pub async fn acts(
        &mut self,
        chain: &Chain,
        since: u64,
        now: Duration,
    ) -> Result<Vec<Act>, Unknown> {
        let read = self.acts.read(chain, since).await;
        let acts = read.as_deref().unwrap_or_default();
        self.duplicate.observe(chain, acts, now);
        read
    }

    /// That somebody else acts with the agent's key.
    pub fn duplicate(&self, now: Duration) -> Option<String> {
        self.duplicate.problem(now)
    }

    /// Whether a reading that began at `read_at` may be acted on. What is sent now is to be seen before more is.
    pub fn may_send(&self, read_at: Instant) -> bool {
        self.sending.is_empty() && self.attempts.may_send(read_at)
    }

    /// Begins to change the ledger.
    pub fn send(&mut self, changes: LedgerChanges, chain: &Chain) {
        if changes.is_empty() {
            return;
        }
        tracing::info!(
            open = changes.open.len(),
            close = changes.close.len(),
            health = changes.health.map(Health::as_str),
            "changing the ledger"
        );
        let (sender, chain) = (self.sender.clone(), chain.clone());
        self.sending
            .spawn(async move { changes.send(&sender, &chain).await });
    }

    /// Waits until what is being sent has ended; `None` if it broke off.
    pub async fn sent(&mut self) -> Option<Sent> {
        match self.sending.join_next().await {
            Some(Ok(sent)) => {
                self.attempts.ended(sent.failures.is_empty());
                Some(sent)
            }
            Some(Err(error)) => {
                tracing::error!(%error, "sending broke off");
                None
            }
            None => std::future::pending().await,
        }
    }

    /// Waits for a while until what is being sent has ended. What has not ended by then is found on the ledger at the next start.
    pub async fn end(mut self, within: Duration) {
        let all = async { while self.sending.join_next().await.is_some() {} };
        let _ = timeout(within, all).await;
    }
}
