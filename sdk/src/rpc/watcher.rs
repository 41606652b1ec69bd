//! Changes of accounts, which the cluster reports over a websocket.

use {
    super::SecretUrl,
    crate::ledger::AccountWatcher,
    async_trait::async_trait,
    futures_util::{stream::select_all, StreamExt},
    solana_client::{
        nonblocking::pubsub_client::{PubsubClient, PubsubClientError},
        rpc_config::{
            CommitmentConfig, RpcAccountInfoConfig, UiAccountEncoding, UiDataSliceConfig,
        },
    },
    solana_program::pubkey::Pubkey,
    std::{
        sync::{
            atomic::{AtomicBool, Ordering},
            Arc,
        },
        time::Duration,
    },
    tokio::{sync::Notify, task::JoinHandle, time::sleep},
};

/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_secs(5);

/// Listens for changes of accounts as long as this lives.
pub(super) struct PubsubWatcher {
    state: Arc<Connection>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Connection {
    changed: Notify,
    listening: AtomicBool,
}

impl PubsubWatcher {
    /// Begins to listen. Without a URL, or an address, there is nothing to hear.
    pub fn new(url: Option<SecretUrl>, addresses: &[Pubkey], commitment: CommitmentConfig) -> Self {
        let state = Arc::<Connection>::default();
        let url = url.filter(|_| !addresses.is_empty());
        let listener = url.map(|url| {
            let (state, addresses) = (Arc::clone(&state), addresses.to_vec());
            tokio::spawn(async move {
                loop {
                    // Why it ended is of no use to anyone: who waits reads the accounts all the same.
                    let _ = listen(url.expose(), &addresses, commitment, &state).await;
                    if state.listening.swap(false, Ordering::Relaxed) {
                        state.changed.notify_one();
                    }
                    sleep(PAUSE).await;
                }
            })
        });
        Self { state, listener }
    }
}

#[async_trait]
impl AccountWatcher for PubsubWatcher {
    async fn next(&mut self) {
        self.state.changed.notified().await;
    }

    fn is_connected(&self) -> bool {
        self.state.listening.load(Ordering::Relaxed)
    }
}

impl Drop for PubsubWatcher {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// Subscribes to every account and passes changes on until the connection ends.
async fn listen(
    url: &str,
    addresses: &[Pubkey],
    commitment: CommitmentConfig,
    state: &Connection,
) -> Result<(), PubsubClientError> {
    let client = PubsubClient::new(url).await?;
    let config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        // That it changed is enough.
        data_slice: Some(UiDataSliceConfig {
            offset: 0,
            length: 0,
        }),
        commitment: Some(commitment),
        min_context_slot: None,
    };
    let mut streams = Vec::with_capacity(addresses.len());
    for address in addresses {
        let subscribed = client.account_subscribe(address, Some(config.clone()));
        let (stream, _unsubscribe) = subscribed.await?;
        streams.push(stream);
    }
    state.listening.store(true, Ordering::Relaxed);
    // What changed before is not reported.
    state.changed.notify_one();
    let mut all = select_all(streams);
    while all.next().await.is_some() {
        state.changed.notify_one();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_listens_only_where_there_is_something_to_hear() {
        let url = || Some(SecretUrl::new("ws://127.0.0.1:1"));
        let listens = |url, addresses: &[Pubkey]| {
            let watcher = PubsubWatcher::new(url, addresses, CommitmentConfig::confirmed());
            watcher.listener.is_some()
        };
        assert!(listens(url(), &[crate::ID]));
        assert!(!listens(url(), &[]));
        assert!(!listens(None, &[crate::ID]));
    }
}
