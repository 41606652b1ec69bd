//! The codes on a ledger, read within a time limit.

use {
    super::{cache::Cache, kind::CodeKind},
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
    std::{
        env,
        sync::{
            mpsc::{channel, Sender},
            Arc,
        },
        thread,
        time::{Duration, Instant},
    },
};

/// Sets how long a shell waits for candidates.
const TIMEOUT_VARIABLE: &str = "EBB_COMPLETE_TIMEOUT";
/// How long it waits by default: whoever presses a key notices little of it.
const TIME_LIMIT: Duration = Duration::from_millis(300);

/// How long a shell waits.
pub fn time_limit() -> Duration {
    let set = env::var(TIMEOUT_VARIABLE).ok();
    set.and_then(|text| value::duration(&text).ok())
        .unwrap_or(TIME_LIMIT)
}

/// Returns the codes on the ledger that options name, or those of the cache where the ledger does not answer in time.
pub fn read(kind: CodeKind, options: GlobalOptions, limit: Duration) -> Vec<String> {
    last_within(limit, move |found| {
        // Whoever asked has what was found until then.
        let _ = look_up(kind, &options, &found);
    })
}

/// Returns what `work` sent last when it ends or the time is over. What goes on then ends with the process.
fn last_within<T: Default + Send + 'static>(
    limit: Duration,
    work: impl FnOnce(Sender<T>) + Send + 'static,
) -> T {
    let start = Instant::now();
    let (sender, receiver) = channel();
    thread::spawn(move || work(sender));
    let mut last = T::default();
    while let Ok(found) = receiver.recv_timeout(limit.saturating_sub(start.elapsed())) {
        last = found;
    }
    last
}

/// Sends the codes of the cache, and then those on the ledger, which replace them there.
fn look_up(kind: CodeKind, options: &GlobalOptions, found: &Sender<Vec<String>>) -> Option<()> {
    let settings = Settings::resolve(options).ok()?;
    let program_id = options.program_id();
    let cache = Cache::of(kind, &settings.target, &program_id);
    if let Some(codes) = cache.as_ref().and_then(Cache::read) {
        found.send(codes).ok()?;
    }
    let client = Client::new(open(settings, options)?, program_id);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut codes = runtime.ok()?.block_on(codes(kind, &client))?;
    // A terminal takes what a node says as it is.
    codes.retain(|code| value::code(code).is_ok());
    codes.sort();
    if let Some(cache) = cache {
        cache.write(&codes);
    }
    found.send(codes).ok()
}

fn open(settings: Settings, options: &GlobalOptions) -> Option<Arc<dyn Ledger>> {
    match settings.target {
        Target::Embedded(dir) => {
            let options = EmbeddedOptions {
                program_id: options.program_id(),
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
    fn what_was_found_last_counts() {
        let found = last_within(Duration::from_secs(600), |found| {
            found.send(vec![1]).unwrap();
            found.send(vec![2, 3]).unwrap();
        });
        assert_eq!(found, [2, 3]);
    }

    #[test]
    fn what_takes_too_long_is_not_waited_for() {
        let (release, never) = channel::<()>();
        let (ended, end) = channel();
        let found: Vec<u8> = last_within(Duration::ZERO, move |found| {
            // It ends when the test does.
            let _ = never.recv();
            let _ = ended.send(found.send(vec![1]).is_err());
        });
        assert_eq!(found, [0; 0]);
        assert_eq!(
            end.recv_timeout(Duration::ZERO),
            Err(RecvTimeoutError::Timeout)
        );
        drop(release);
        assert_eq!(end.recv(), Ok(true));
    }
}
