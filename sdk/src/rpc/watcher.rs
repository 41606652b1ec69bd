//! Changes of accounts, which the cluster reports over a websocket.

use {
    super::{transport::Meter, SecretUrl},
    crate::ledger::AccountWatcher,
    async_trait::async_trait,
    futures_util::{
        stream::{self, select_all},
        StreamExt, TryStreamExt,
    },
    solana_client::{
        nonblocking::pubsub_client::{PubsubClient, PubsubClientError},
        rpc_config::{
            CommitmentConfig, RpcAccountInfoConfig, RpcProgramAccountsConfig, UiAccountEncoding,
            UiDataSliceConfig,
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
/// How many subscriptions may be unanswered at a time: a run watches thousands of accounts.
const MAX_UNANSWERED: usize = 100;

/// What is listened for.
#[derive(Clone, Debug)]
pub(super) enum Subscription {
    /// Changes of these accounts.
    Accounts(Vec<Pubkey>),
    /// Changes of every account that the program owns.
    Program(Pubkey),
}

impl Subscription {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Accounts(addresses) if addresses.is_empty())
    }
}

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
    /// Begins to listen. Without a URL, or an address, nothing will come.
    pub fn new(
        url: Option<SecretUrl>,
        subscription: Subscription,
        commitment: CommitmentConfig,
        meter: Arc<Meter>,
    ) -> Self {
        let state = Arc::<Connection>::default();
        let url = url.filter(|_| !subscription.is_empty());
        let listener = url.map(|url| {
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                loop {
                    // Why it ended is of no use to anyone: who waits reads the accounts all the same.
                    let _ = listen(url.expose(), &subscription, commitment, &state).await;
                    if state.listening.swap(false, Ordering::Relaxed) {
                        state.changed.notify_one();
                    }
                    sleep(PAUSE).await;
                    meter.count_reconnect();
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

/// Subscribes and passes changes on until the connection ends.
async fn listen(
    url: &str,
    subscription: &Subscription,
    commitment: CommitmentConfig,
    state: &Connection,
) -> Result<(), PubsubClientError> {
    let client = PubsubClient::new(url).await?;
    let account_config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        // That it changed is enough.
        data_slice: Some(UiDataSliceConfig {
            offset: 0,
            length: 0,
        }),
        commitment: Some(commitment),
        min_context_slot: None,
    };
    let mut changes = vec![];
    match subscription {
        Subscription::Accounts(addresses) => {
            let subscribe = |address: Pubkey| {
                let (client, config) = (&client, account_config.clone());
                async move { client.account_subscribe(&address, Some(config)).await }
            };
            let subscribed = stream::iter(addresses.iter().copied().map(subscribe));
            let mut subscribed = subscribed.buffer_unordered(MAX_UNANSWERED);
            while let Some((stream, _unsubscribe)) = subscribed.try_next().await? {
                changes.push(stream.map(drop).boxed());
            }
        }
        Subscription::Program(program_id) => {
            let config = RpcProgramAccountsConfig {
                account_config,
                ..RpcProgramAccountsConfig::default()
            };
            let subscribed = client.program_subscribe(program_id, Some(config));
            let (stream, _unsubscribe) = subscribed.await?;
            changes.push(stream.map(drop).boxed());
        }
    }
    state.listening.store(true, Ordering::Relaxed);
    // What changed before is not reported.
    state.changed.notify_one();
    let mut all = select_all(changes);
    while all.next().await.is_some() {
        state.changed.notify_one();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        serde_json::{json, Value},
        std::{
            net::{TcpListener, TcpStream},
            sync::mpsc::{channel, Receiver},
            thread,
        },
        tokio::time::timeout,
        tungstenite::{accept, Message, WebSocket},
    };

    fn watcher(url: Option<SecretUrl>, subscription: Subscription) -> PubsubWatcher {
        let commitment = CommitmentConfig::confirmed();
        PubsubWatcher::new(url, subscription, commitment, Arc::default())
    }

    #[tokio::test]
    async fn it_listens_only_where_something_is_to_come() {
        let url = || Some(SecretUrl::new("ws://127.0.0.1:1"));
        let listens = |url, subscription| watcher(url, subscription).listener.is_some();
        assert!(listens(url(), Subscription::Accounts(vec![crate::ID])));
        assert!(listens(url(), Subscription::Program(crate::ID)));
        assert!(!listens(url(), Subscription::Accounts(vec![])));
        assert!(!listens(None, Subscription::Program(crate::ID)));
    }

    /// Answers so many subscriptions, each lot once all of it has arrived. Returns the last one's id.
    fn answer(socket: &mut WebSocket<TcpStream>, mut left: usize) -> Value {
        let mut last = Value::Null;
        while left > 0 {
            let lot = left.min(MAX_UNANSWERED);
            let requests: Vec<Message> = (0..lot).map(|_| socket.read().unwrap()).collect();
            for request in requests {
                let request: Value = serde_json::from_str(request.to_text().unwrap()).unwrap();
                last = request["id"].clone();
                let answer = json!({ "jsonrpc": "2.0", "id": last, "result": last });
                socket.send(Message::text(answer.to_string())).unwrap();
            }
            left -= lot;
        }
        last
    }

    /// A node that takes so many subscriptions, and reports a change of the last account when it is to.
    fn node(subscriptions: usize, change: Receiver<()>) -> SecretUrl {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut socket = accept(listener.accept().unwrap().0).unwrap();
            let last = answer(&mut socket, subscriptions);
            change.recv().unwrap();
            let account = json!({
                "lamports": 1, "data": ["", "base64"], "owner": crate::ID.to_string(),
                "executable": false, "rentEpoch": 0, "space": 0,
            });
            let notification = json!({
                "jsonrpc": "2.0", "method": "accountNotification", "params": {
                    "subscription": last, "result": { "context": { "slot": 1 }, "value": account },
                },
            });
            socket
                .send(Message::text(notification.to_string()))
                .unwrap();
            // Until the client closes the connection.
            while socket.read().is_ok() {}
        });
        SecretUrl::new(url)
    }

    #[tokio::test]
    async fn many_subscriptions_are_made_at_a_time() {
        let addresses = vec![crate::ID; MAX_UNANSWERED + 50];
        let (report, change) = channel();
        let url = node(addresses.len(), change);
        let mut watcher = watcher(Some(url), Subscription::Accounts(addresses));
        let minute = Duration::from_secs(60);
        timeout(minute, watcher.next()).await.expect("it listens");
        assert!(watcher.is_connected());
        report.send(()).unwrap();
        timeout(minute, watcher.next()).await.expect("it hears");
    }
}
