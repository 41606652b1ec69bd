//! What a ledger reports of accounts that change.

use async_trait::async_trait;

/// Reports when accounts change, so that who waits for it need not read them all the time. It may report too often, and
/// it may miss a change: read them now and then all the same.
#[async_trait]
pub trait AccountWatcher: Send {
    /// Returns when one of the accounts may have changed since the last call.
    async fn next(&mut self);

    /// Whether changes are reported now.
    fn is_connected(&self) -> bool;
}

/// For a ledger that reports no changes.
pub struct NoWatcher;

#[async_trait]
impl AccountWatcher for NoWatcher {
    async fn next(&mut self) {
        std::future::pending().await
    }

    fn is_connected(&self) -> bool {
        false
    }
}
