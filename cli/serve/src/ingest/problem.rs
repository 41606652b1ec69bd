//! What keeps a history from being read on.

use {
    ebb_sdk::{client::Client, history::HistoryError},
    std::time::Duration,
    tokio::time::Instant,
};

/// How long an outage of the ledger is left to who reads the view and reports it at once. After that the history says so too, as
/// it may ask for what the view does not.
const TOLERATED: Duration = Duration::from_secs(60);

/// What keeps a history from being read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// What is wrong, in words.
    pub reason: String,
    /// What is at fault.
    pub cause: Cause,
    /// When the first of the failures happened since the last success.
    since: Instant,
}

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The store cannot be read or written.
    Store,
    /// The ledger is not the store's any more, so that the store has nothing to say of it.
    OtherLedger,
    /// The ledger answers, and refuses what the history asks.
    Refusal,
    /// The ledger is out of reach, or its nodes are not in step. That may pass.
    Outage,
}

impl Cause {
    /// What an error of the ledger is. It refuses the history alone where it answers what the view asks.
    pub async fn of_ledger(client: &Client, error: &HistoryError) -> Self {
        if error.is_outage() || client.ledger().now().await.is_err() {
            Self::Outage
        } else {
            Self::Refusal
        }
    }
}

impl Standstill {
    /// What has failed; `before` is what the attempt before it failed with, if it did.
    pub fn new(before: Option<&Self>, reason: String, cause: Cause) -> Self {
        Self {
            reason,
            cause,
            since: before.map_or_else(Instant::now, |before| before.since),
        }
    }

    /// The same of an error of the ledger.
    pub async fn of_ledger(client: &Client, before: Option<&Self>, error: &HistoryError) -> Self {
        let cause = Cause::of_ledger(client, error).await;
        Self::new(before, error.to_string(), cause)
    }

    /// Whether the history stands still for it, rather than for a moment.
    pub fn is_lasting(&self) -> bool {
        self.cause != Cause::Outage || self.since.elapsed() >= TOLERATED
    }
}

#[cfg(test)]
mod tests {
    use {super::*, tokio::time::advance};

    #[tokio::test(start_paused = true)]
    async fn an_outage_lasts_from_a_minute_on_and_anything_else_at_once() {
        for cause in [Cause::Store, Cause::OtherLedger, Cause::Refusal] {
            assert!(Standstill::new(None, String::new(), cause).is_lasting());
        }
        let outage = |before| Standstill::new(before, String::new(), Cause::Outage);
        let first = outage(None);
        advance(Duration::from_secs(59)).await;
        let second = outage(Some(&first));
        assert!(!second.is_lasting());
        advance(Duration::from_secs(1)).await;
        assert!(second.is_lasting());
        assert!(!outage(None).is_lasting());
    }
}
