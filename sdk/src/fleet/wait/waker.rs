//! When a wait reads the ledger again: when an account changes, where the ledger reports that, and else every second.

use {
    crate::ledger::{AccountWatcher, Ledger},
    solana_program::pubkey::Pubkey,
    std::time::Duration,
};

/// How often the ledger is read.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often it is read while it reports changes by itself.
const CONNECTED_INTERVAL: Duration = Duration::from_secs(10);

/// Waits for the accounts of devices to change.
pub struct Waker<'a> {
    ledger: &'a dyn Ledger,
    addresses: Vec<Pubkey>,
    watcher: Box<dyn AccountWatcher>,
}

impl<'a> Waker<'a> {
    /// Waits for changes of these accounts.
    pub fn new(ledger: &'a dyn Ledger, addresses: Vec<Pubkey>) -> Self {
        Self {
            watcher: ledger.watch(&addresses),
            addresses,
            ledger,
        }
    }

    /// Waits for changes of every account that a program owns.
    pub fn of_program(ledger: &'a dyn Ledger, program_id: &Pubkey) -> Self {
        Self {
            watcher: ledger.watch_program(program_id),
            addresses: vec![],
            ledger,
        }
    }

    /// Waits for changes of these accounts from now on, and of no others.
    pub fn set_addresses(&mut self, addresses: Vec<Pubkey>) {
        if addresses != self.addresses {
            *self = Self::new(self.ledger, addresses);
        }
    }

    /// How soon the ledger is read again at the latest.
    pub fn interval(&self) -> Duration {
        if self.watcher.is_connected() {
            CONNECTED_INTERVAL
        } else {
            INTERVAL
        }
    }

    /// Returns when it is time to read again; `due` is how long until something happens that no account reports, as a
    /// deadline that passes.
    pub async fn next(&mut self, due: Option<Duration>) {
        let pause = pause(self.interval(), due);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.watcher.next() => {}
        }
    }
}

fn pause(interval: Duration, due: Option<Duration>) -> Duration {
    due.unwrap_or(interval).clamp(INTERVAL, interval)
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use {
        super::*,
        crate::embedded::{EmbeddedLedger, EmbeddedOptions},
        async_trait::async_trait,
        futures_util::FutureExt,
        std::sync::Arc,
        tokio::sync::Notify,
    };

    struct Connected(Arc<Notify>);

    #[async_trait]
    impl AccountWatcher for Connected {
        async fn next(&mut self) {
            self.0.notified().await;
        }

        fn is_connected(&self) -> bool {
            true
        }
    }

    #[test]
    fn where_changes_are_reported_only_what_is_due_is_waited_for() {
        let seconds = |due: Option<u64>| {
            let due = due.map(Duration::from_secs);
            assert_eq!(pause(INTERVAL, due), INTERVAL);
            pause(CONNECTED_INTERVAL, due).as_secs()
        };
        assert_eq!(seconds(None), 10);
        assert_eq!(seconds(Some(400)), 10);
        assert_eq!(seconds(Some(4)), 4);
        assert_eq!(seconds(Some(0)), 1);
    }

    #[tokio::test]
    async fn a_reported_change_ends_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        let ledger =
            EmbeddedLedger::open(dir.path().join("ledger"), EmbeddedOptions::default()).unwrap();
        let mut waker = Waker::new(&ledger, vec![]);
        assert_eq!(waker.interval(), INTERVAL);
        let changed = Arc::<Notify>::default();
        waker.watcher = Box::new(Connected(changed.clone()));
        assert_eq!(waker.interval(), CONNECTED_INTERVAL);
        assert_eq!(waker.next(None).now_or_never(), None);
        changed.notify_one();
        assert_eq!(waker.next(None).now_or_never(), Some(()));

        // The same accounts leave it as it is, and others begin anew.
        waker.set_addresses(vec![]);
        assert_eq!(waker.interval(), CONNECTED_INTERVAL);
        waker.set_addresses(vec![crate::ID]);
        assert_eq!(waker.interval(), INTERVAL);
    }
}
