//! The codes on a ledger, read within a time limit.

use {
    super::{cache::Cache, detached, kind::CodeKind},
    crate::input::{
        config::{Settings, Target},
        options::GlobalOptions,
        value,
    },
    ebb_sdk::{
        client::{Client, DeviceFilter, Listing},
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::Ledger,
        rpc::RpcLedger,
    },
    solana_sdk::pubkey::Pubkey,
    std::{
        env,
        sync::{mpsc::channel, Arc},
        thread,
        time::Duration,
    },
};

/// Sets how long a shell waits for candidates.
const TIMEOUT_VARIABLE: &str = "EBB_COMPLETE_TIMEOUT";
/// How long it waits by default: whoever presses a key notices little of it.
const TIME_LIMIT: Duration = Duration::from_millis(300);
/// How long a process reads that nobody waits for.
const DETACHED_LIMIT: Duration = Duration::from_secs(60);

/// Returns the codes on the ledger that options name, or those of the cache where it does not answer in time: then another
/// process reads on, and its codes are there for the next who asks.
pub fn read(kind: CodeKind, options: &GlobalOptions) -> Option<Vec<String>> {
    let settings = Settings::resolve(options).ok()?;
    let program_id = options.program_id();
    let cache = Cache::of(kind, &settings.target, &program_id);
    let is_detached = detached::is_this_process();
    // One of them is enough.
    let _lock = if is_detached {
        Some(cache.as_ref()?.lock()?)
    } else {
        None
    };
    let limit = if is_detached {
        DETACHED_LIMIT
    } else {
        time_limit()
    };
    let known = cache.as_ref().and_then(Cache::read);
    match within(limit, move || on_ledger(kind, settings, program_id)) {
        Some(Some(codes)) => {
            if let Some(cache) = cache {
                cache.write(&codes);
            }
            Some(codes)
        }
        Some(None) => known,
        None => {
            if !is_detached && cache.is_some() {
                detached::ask_again();
            }
            known
        }
    }
}

/// How long a shell waits.
fn time_limit() -> Duration {
    let set = env::var(TIMEOUT_VARIABLE).ok();
    set.and_then(|text| value::duration(&text).ok())
        .unwrap_or(TIME_LIMIT)
}

/// Returns what `work` returns; `None` once the time is over. What goes on then ends with the process.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        // Nobody may wait for it any more.
        let _ = sender.send(work());
    });
    receiver.recv_timeout(limit).ok()
}

/// The codes on a ledger; `None` if it cannot be read.
fn on_ledger(kind: CodeKind, settings: Settings, program_id: Pubkey) -> Option<Vec<String>> {
    let client = Client::new(open(settings, program_id)?, program_id);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut codes = runtime.ok()?.block_on(codes(kind, &client))?;
    // A terminal takes what a node says as it is.
    codes.retain(|code| value::code(code).is_ok());
    codes.sort();
    Some(codes)
}

fn open(settings: Settings, program_id: Pubkey) -> Option<Arc<dyn Ledger>> {
    match settings.target {
        Target::Embedded(dir) => {
            let options = EmbeddedOptions {
                program_id,
                create: false,
                lock_timeout: Duration::ZERO,
                ..EmbeddedOptions::default()
            };
            Some(Arc::new(EmbeddedLedger::open(dir, options).ok()?))
        }
        Target::Cluster(url, _) => {
            Some(Arc::new(RpcLedger::new(url.expose(), settings.commitment)))
        }
    }
}

async fn codes(kind: CodeKind, client: &Client) -> Option<Vec<String>> {
    fn of<T>(listing: Listing<T>, code: impl Fn(T) -> String) -> Vec<String> {
        let items = listing.items.into_iter();
        items.map(|found| code(found.account)).collect()
    }
    Some(match kind {
        CodeKind::Contributors => of(client.contributors().await.ok()?, |it| it.code),
        CodeKind::Devices => {
            let devices = client.devices(&DeviceFilter::default()).await;
            of(devices.ok()?, |it| it.code)
        }
        CodeKind::Locations => of(client.locations().await.ok()?, |it| it.code),
    })
}

#[cfg(test)]
mod tests {
    use {super::*, std::sync::mpsc::RecvTimeoutError};

    #[test]
    fn what_takes_too_long_is_not_waited_for() {
        assert_eq!(within(Duration::from_secs(600), || 7), Some(7));
        let (release, never) = channel::<()>();
        let (ended, end) = channel();
        let found = within(Duration::ZERO, move || {
            // It ends when the test does.
            let _ = never.recv();
            ended.send(()).unwrap();
        });
        assert_eq!(found, None);
        assert_eq!(
            end.recv_timeout(Duration::ZERO),
            Err(RecvTimeoutError::Timeout)
        );
        drop(release);
        assert_eq!(end.recv(), Ok(()));
    }
}
