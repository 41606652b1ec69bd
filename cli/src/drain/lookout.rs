//! When a wait looks at the ledger again: when it tells a change, where it does, and else every second.

use {
    ebb_sdk::ledger::{Changes, Ledger},
    solana_sdk::pubkey::Pubkey,
    std::time::Duration,
};

/// How often the ledger is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked at while it tells changes by itself.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_secs(10);

/// Waits for the accounts of devices to change.
pub struct Lookout<'a> {
    ledger: &'a dyn Ledger,
    addresses: Vec<Pubkey>,
    changes: Box<dyn Changes>,
}

impl<'a> Lookout<'a> {
    /// Looks out for changes of these accounts.
    pub fn new(ledger: &'a dyn Ledger, addresses: Vec<Pubkey>) -> Self {
        Self {
            changes: ledger.changes(&addresses),
            addresses,
            ledger,
        }
    }

    /// Looks out for changes of these accounts from now on, and of no others.
    pub fn turn_to(&mut self, addresses: Vec<Pubkey>) {
        if addresses != self.addresses {
            *self = Self::new(self.ledger, addresses);
        }
    }

    /// How soon the next look comes at the latest.
    pub fn pace(&self) -> Duration {
        match self.changes.are_told() {
            true => LOOK_AT_LEAST_EVERY,
            false => LOOK_EVERY,
        }
    }

    /// Returns when it is time to look again; `due` is how long until something happens that no account tells, as a
    /// deadline that passes.
    pub async fn next(&mut self, due: Option<Duration>) {
        let pause = pause(self.pace(), due);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.changes.next() => {}
        }
    }
}

fn pause(pace: Duration, due: Option<Duration>) -> Duration {
    due.unwrap_or(pace).clamp(LOOK_EVERY, pace)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        async_trait::async_trait,
        ebb_sdk::embedded::{EmbeddedLedger, EmbeddedOptions},
        futures_util::FutureExt,
        std::sync::Arc,
        tokio::sync::Notify,
    };

    struct Told(Arc<Notify>);

    #[async_trait]
    impl Changes for Told {
        async fn next(&mut self) {
            self.0.notified().await;
        }

        fn are_told(&self) -> bool {
            true
        }
    }

    #[test]
    fn where_changes_are_told_only_what_is_due_is_looked_for() {
        let seconds = |due: Option<u64>| {
            let due = due.map(Duration::from_secs);
            assert_eq!(pause(LOOK_EVERY, due), LOOK_EVERY);
            pause(LOOK_AT_LEAST_EVERY, due).as_secs()
        };
        assert_eq!(seconds(None), 10);
        assert_eq!(seconds(Some(400)), 10);
        assert_eq!(seconds(Some(4)), 4);
        assert_eq!(seconds(Some(0)), 1);
    }

    #[tokio::test]
    async fn a_change_that_is_told_ends_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        let ledger =
            EmbeddedLedger::open(dir.path().join("ledger"), EmbeddedOptions::default()).unwrap();
        let mut lookout = Lookout::new(&ledger, vec![]);
        assert_eq!(lookout.pace(), LOOK_EVERY);
        let changed = Arc::<Notify>::default();
        lookout.changes = Box::new(Told(changed.clone()));
        assert_eq!(lookout.pace(), LOOK_AT_LEAST_EVERY);
        assert_eq!(lookout.next(None).now_or_never(), None);
        changed.notify_one();
        assert_eq!(lookout.next(None).now_or_never(), Some(()));

        // Told of the same accounts it listens on, and of others anew.
        lookout.turn_to(vec![]);
        assert_eq!(lookout.pace(), LOOK_AT_LEAST_EVERY);
        lookout.turn_to(vec![ebb_sdk::ID]);
        assert_eq!(lookout.pace(), LOOK_EVERY);
    }
}
