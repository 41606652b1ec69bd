//! When slots were confirmed, as the validator says.

use {
    futures_util::StreamExt,
    solana_client::{nonblocking::pubsub_client::PubsubClient, rpc_response::SlotUpdate},
    std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    },
    tokio::{sync::oneshot, task::JoinHandle},
};

/// When slots were confirmed, from now on.
pub struct Confirmations {
    /// In milliseconds since 1970.
    at: Arc<Mutex<BTreeMap<u64, u64>>>,
    listener: JoinHandle<()>,
}

impl Confirmations {
    /// Begins to listen.
    pub async fn watch(websocket_url: &str) -> Self {
        let (url, at) = (
            websocket_url.to_owned(),
            Arc::<Mutex<BTreeMap<_, _>>>::default(),
        );
        let (listens, is_listening) = oneshot::channel();
        let kept = Arc::clone(&at);
        let listener = tokio::spawn(async move {
            let client = PubsubClient::new(url).await.expect("the validator listens");
            let subscribed = client.slot_updates_subscribe().await;
            let (mut updates, _unsubscribe) = subscribed.expect("the validator reports slots");
            listens.send(()).expect("somebody waits");
            while let Some(update) = updates.next().await {
                if let SlotUpdate::OptimisticConfirmation { slot, timestamp } = update {
                    kept.lock()
                        .expect("nobody panicked")
                        .insert(slot, timestamp);
                }
            }
        });
        is_listening.await.expect("it listens");
        Self { at, listener }
    }

    /// When a slot was confirmed; with its first descendant that the validator reported, where it was not itself.
    pub fn at(&self, slot: u64) -> Option<u64> {
        let at = self.at.lock().expect("nobody panicked");
        at.range(slot..).next().map(|(_, timestamp)| *timestamp)
    }
}

impl Drop for Confirmations {
    fn drop(&mut self) {
        self.listener.abort();
    }
}
