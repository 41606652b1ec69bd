//! A program's accounts, which the cluster reports over a websocket with what they contain.

use {
    super::{clock_reading, transport::Meter, SecretUrl},
    crate::{
        event,
        ledger::{Now, ProgramFeed, ProgramUpdate},
    },
    async_trait::async_trait,
    futures_util::{stream::BoxStream, StreamExt},
    solana_client::{
        nonblocking::pubsub_client::{PubsubClient, PubsubClientError},
        rpc_config::{
            CommitmentConfig, RpcAccountInfoConfig, RpcProgramAccountsConfig,
            RpcTransactionLogsConfig, RpcTransactionLogsFilter, UiAccountEncoding,
        },
        rpc_response::{Response, RpcKeyedAccount, RpcLogsResponse, UiAccount},
    },
    solana_program::pubkey::Pubkey,
    solana_sdk_ids::sysvar,
    std::{future::ready, sync::Arc, time::Duration},
    tokio::{
        sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender},
        task::{unconstrained, JoinHandle},
        time::{sleep, timeout, Instant},
    },
};

/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_secs(5);
/// How long connecting may take, and how long the clock, which changes with each slot, may not be reported.
const SILENCE: Duration = Duration::from_secs(5);

/// Follows a program's accounts as long as this lives.
pub(super) struct PubsubFeed {
    updates: UnboundedReceiver<ProgramUpdate>,
    listener: Option<JoinHandle<()>>,
}

impl PubsubFeed {
    /// Begins to listen. Without a URL nothing will come.
    pub fn new(
        url: Option<SecretUrl>,
        program_id: Pubkey,
        commitment: CommitmentConfig,
        meter: Arc<Meter>,
    ) -> Self {
        let (sender, updates) = unbounded_channel();
        let listener = url.map(|url| {
            tokio::spawn(async move {
                loop {
                    // Why it ended is of no use to anyone: who follows reads the accounts all the same.
                    let _ = listen(url.expose(), &program_id, commitment, &sender).await;
                    if sender.send(ProgramUpdate::Disconnected).is_err() {
                        return;
                    }
                    sleep(PAUSE).await;
                    meter.count_reconnect();
                }
            })
        });
        Self { updates, listener }
    }
}

#[async_trait]
impl ProgramFeed for PubsubFeed {
    async fn next(&mut self) -> ProgramUpdate {
        match self.updates.recv().await {
            Some(update) => update,
            None => std::future::pending().await,
        }
    }
}

impl Drop for PubsubFeed {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// Subscribes and passes updates on until the connection ends, or is silent.
async fn listen(
    url: &str,
    program_id: &Pubkey,
    commitment: CommitmentConfig,
    updates: &UnboundedSender<ProgramUpdate>,
) -> Result<(), PubsubClientError> {
    let silent = |_| PubsubClientError::ConnectionClosed("the node is silent".into());
    let client = timeout(SILENCE, PubsubClient::new(url))
        .await
        .map_err(silent)??;
    let subscribed = timeout(SILENCE, subscribe(&client, program_id, commitment));
    let mut subscriptions = subscribed.await.map_err(silent)??;
    let mut order = Order::default();
    let mut heard_at = Instant::now();
    while let Some(notification) = subscriptions.next(order.is_due(), heard_at).await {
        if matches!(notification, Notification::Clock(_)) {
            heard_at = Instant::now();
        }
        let update = order.take(notification, program_id);
        if update.is_some_and(|update| updates.send(update).is_err()) {
            return Ok(());
        }
    }
    Ok(())
}

/// What a node reports.
struct Subscriptions<'a> {
    accounts: BoxStream<'a, Response<RpcKeyedAccount>>,
    logs: BoxStream<'a, Response<RpcLogsResponse>>,
    clock: BoxStream<'a, Response<UiAccount>>,
}

enum Notification {
    Account(Response<RpcKeyedAccount>),
    Logs(Response<RpcLogsResponse>),
    Clock(Response<UiAccount>),
    /// Neither an account nor a log has arrived that was not handed over.
    NothingElse,
}

/// The clock comes last: once it is reported, everything else is.
async fn subscribe<'a>(
    client: &'a PubsubClient,
    program_id: &Pubkey,
    commitment: CommitmentConfig,
) -> Result<Subscriptions<'a>, PubsubClientError> {
    let account_config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        commitment: Some(commitment),
        ..RpcAccountInfoConfig::default()
    };
    let config = RpcProgramAccountsConfig {
        account_config: account_config.clone(),
        ..RpcProgramAccountsConfig::default()
    };
    let (accounts, _unsubscribe) = client.program_subscribe(program_id, Some(config)).await?;
    let mentions = RpcTransactionLogsFilter::Mentions(vec![program_id.to_string()]);
    let config = RpcTransactionLogsConfig {
        commitment: Some(commitment),
    };
    let (logs, _unsubscribe) = client.logs_subscribe(mentions, config).await?;
    let clock = client.account_subscribe(&sysvar::clock::ID, Some(account_config));
    let (clock, _unsubscribe) = clock.await?;
    Ok(Subscriptions {
        accounts,
        logs,
        clock,
    })
}

impl Subscriptions<'_> {
    /// The next notification: of the clock only if nothing else has arrived, and nothing at all if that is due. `None` if the
    /// connection ended, or the clock was not heard of for too long.
    async fn next(&mut self, is_due: bool, heard_at: Instant) -> Option<Notification> {
        let silence = SILENCE.saturating_sub(heard_at.elapsed());
        // With a budget, a stream that has something could say once that it has nothing.
        unconstrained(async {
            tokio::select! {
                biased;
                account = self.accounts.next() => account.map(Notification::Account),
                logs = self.logs.next() => logs.map(Notification::Logs),
                () = ready(()), if is_due => Some(Notification::NothingElse),
                clock = self.clock.next() => clock.map(Notification::Clock),
                () = sleep(silence) => None,
            }
        })
        .await
    }
}

/// Brings notifications into an order.
///
/// A node reports slot after slot, and within one in no order. So when it reports the clock of a slot, all before that slot is
/// on its way or here.
#[derive(Default)]
struct Order {
    /// The last clock up to which all was handed over, or will be before anything else.
    before: Option<Now>,
    /// A clock behind which there may be what arrived before it.
    reported: Option<Now>,
}

impl Order {
    /// Whether a clock waits until everything that arrived before it was handed over.
    fn is_due(&self) -> bool {
        self.reported.is_some()
    }

    fn take(&mut self, notification: Notification, program_id: &Pubkey) -> Option<ProgramUpdate> {
        match notification {
            Notification::Account(Response { context, value }) => Some(ProgramUpdate::Changed {
                slot: context.slot,
                address: value.pubkey.parse().ok()?,
                account: value.account.to_account()?,
            }),
            Notification::Logs(Response { context, value }) => {
                let is_accepted = value.err.is_none();
                is_accepted.then(|| named(context.slot, &value.logs, program_id))
            }
            Notification::Clock(Response { value, .. }) => {
                self.reported = clock_reading(&value.to_account()?.data);
                None
            }
            Notification::NothingElse => self.complete(),
        }
    }

    /// Everything that arrived before the reported clock was handed over.
    fn complete(&mut self) -> Option<ProgramUpdate> {
        let clock = self.reported.take()?;
        let newest = clock.slot;
        Some(match self.before.replace(clock) {
            Some(now) => ProgramUpdate::Complete { now, newest },
            None => ProgramUpdate::Connected { slot: newest },
        })
    }
}

/// The accounts that a transaction's events are of.
fn named(slot: u64, logs: &[String], program_id: &Pubkey) -> ProgramUpdate {
    let logged = event::from_logs(program_id, logs.iter().map(String::as_str));
    let are_all = matches!(logged, Ok(event::Logged::Whole(_)));
    let subjects = logged.map_or_else(
        |_| vec![],
        |logged| logged.events().iter().map(|it| it.subject).collect(),
    );
    ProgramUpdate::Named {
        slot,
        subjects,
        are_all,
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{event::Event, role::Role},
        base64::{prelude::BASE64_STANDARD, Engine},
        serde_json::json,
        solana_client::rpc_response::RpcResponseContext,
    };

    fn at<T>(slot: u64, value: T) -> Response<T> {
        let context = RpcResponseContext::new(slot);
        Response { context, value }
    }

    fn ui_account(data: &[u8]) -> UiAccount {
        let data = BASE64_STANDARD.encode(data);
        let account = json!({
            "lamports": 1, "data": [data, "base64"], "owner": crate::ID.to_string(),
            "executable": false, "rentEpoch": 0, "space": null,
        });
        serde_json::from_value(account).unwrap()
    }

    fn clock(slot: u64) -> Notification {
        let mut data = [0; 40];
        data[..8].copy_from_slice(&slot.to_le_bytes());
        data[32..].copy_from_slice(&(1_000 + slot as i64).to_le_bytes());
        Notification::Clock(at(slot, ui_account(&data)))
    }

    fn logs(slot: u64, err: serde_json::Value, lines: &[String]) -> Notification {
        let logs = json!({"signature": "", "err": err, "logs": lines});
        Notification::Logs(at(slot, serde_json::from_value(logs).unwrap()))
    }

    #[test]
    fn a_slot_is_complete_once_the_clock_of_the_next_and_all_before_it_have_come() {
        let mut order = Order::default();
        let mut take = |notification| {
            let update = order.take(notification, &crate::ID);
            (update, order.is_due())
        };
        assert_eq!(take(clock(10)), (None, true));
        let connected = ProgramUpdate::Connected { slot: 10 };
        assert_eq!(take(Notification::NothingElse), (Some(connected), false));
        assert_eq!(take(clock(12)), (None, true));
        let address = Pubkey::new_from_array([3; 32]);
        let keyed = RpcKeyedAccount {
            pubkey: address.to_string(),
            account: ui_account(&[1, 2]),
        };
        let (update, is_due) = take(Notification::Account(at(11, keyed)));
        let Some(ProgramUpdate::Changed { slot, account, .. }) = update else {
            panic!("{update:?}");
        };
        assert_eq!((slot, account.data, is_due), (11, vec![1, 2], true));
        let complete = ProgramUpdate::Complete {
            now: Now {
                slot: 10,
                time: 1_010,
            },
            newest: 12,
        };
        assert_eq!(take(Notification::NothingElse), (Some(complete), false));
    }

    #[test]
    fn events_name_accounts_and_failed_transactions_none() {
        let subject = Pubkey::new_from_array([4; 32]);
        let kind = event::EventKind::DeviceActivated;
        let event = Event::new(kind, &subject, &subject, Role::default());
        let data = BASE64_STANDARD.encode(event.as_bytes());
        let id = crate::ID;
        let mut lines = vec![
            format!("Program {id} invoke [1]"),
            format!("Program data: {data}"),
        ];
        let mut order = Order::default();
        let mut take = |err, lines: &[String]| order.take(logs(7, err, lines), &id);
        let named = |subjects, are_all| {
            Some(ProgramUpdate::Named {
                slot: 7,
                subjects,
                are_all,
            })
        };
        assert_eq!(take(json!(null), &lines), named(vec![subject], true));
        assert_eq!(
            take(json!({"InstructionError": [0, {"Custom": 1}]}), &lines),
            None
        );
        lines.push("Log truncated".to_owned());
        assert_eq!(take(json!(null), &lines), named(vec![subject], false));
        lines[1] = "Program data: AAAA".to_owned();
        assert_eq!(take(json!(null), &lines), named(vec![], false));
    }

    #[tokio::test]
    async fn without_a_url_nothing_is_reported() {
        let mut feed = PubsubFeed::new(
            None,
            crate::ID,
            CommitmentConfig::confirmed(),
            Arc::default(),
        );
        assert!(feed.listener.is_none());
        let next = timeout(Duration::from_millis(1), feed.next());
        assert!(next.await.is_err());
    }
}
