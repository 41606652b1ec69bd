//! Keeping the newest view fresh.

use {
    super::{
        follow::{Follower, FullReading},
        known::{AllAccounts, FoundRegistry, ListedTable},
        Table, Views,
    },
    ebb_sdk::{
        client::{Client, DeviceFilter},
        ledger::LedgerError,
        pda,
        state::Device,
    },
    futures_util::future::{pending, BoxFuture},
    solana_sdk::{account::Account, hash::Hash, pubkey::Pubkey},
    solana_sdk_ids::sysvar::clock,
    std::{sync::Arc, time::Duration},
    tokio::time::{interval, sleep_until, Instant, MissedTickBehavior},
};

/// How often all accounts are read at the latest while the ledger reports changes by itself.
const FOLLOWED_INTERVAL: Duration = Duration::from_secs(60);
/// How long after a view was published, or all accounts were read, that happens again at the earliest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
/// How long after a reading that failed, or was of a node that is behind, the next one begins at the earliest.
const LONGER_PAUSE: Duration = Duration::from_secs(1);
/// How many times as long as publishing a view takes the pause behind it is.
const PAUSE_RATIO: u32 = 4;
/// How often the reader reports that it works.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// A reading that takes longer hangs: the requests of one are given up before.
const LONGEST_READING: Duration = Duration::from_secs(1_800);

/// What the reader of the ledger does.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// It ended a reading of all accounts.
    Read(&'a Result<(), LedgerError>),
    /// It published what the ledger reported.
    Followed,
    /// It works: it reads, for no longer than a reading may take, or waits.
    Working,
}

/// A request that goes on.
type Task<'a, T> = Option<BoxFuture<'a, Result<T, LedgerError>>>;
/// Accounts that were read by their addresses, and the slot that they are of.
type LookedUp = (u64, Vec<(Pubkey, Option<Account>)>);

/// Keeps the newest view fresh, for ever: takes what the ledger reports of each account, and reads all accounts at the start,
/// where reports may be missing, and now and then. Where the ledger reports nothing, all are read every `interval`, and when the
/// time alone changes what is found.
///
/// A reading that fails leaves the view as it is, and its lag grows. `on_step` is called with the result of each, when
/// reports were published, and every second in between by the same task.
pub async fn keep_fresh(
    client: &Client,
    views: &Views,
    interval: Duration,
    on_step: impl Fn(Step<'_>),
) {
    let mut feed = client.ledger().follow_program(client.program_id());
    let mut due_changes = views.due_changes();
    let mut ticks = ticks();
    let mut follower = Follower::new(*client.program_id());
    let mut schedule = Schedule::new(interval);
    let (mut reading, mut lookup): (Task<'_, FullReading>, Task<'_, LookedUp>) = (None, None);
    loop {
        if lookup.is_none() {
            let addresses = follower.missing();
            lookup = (!addresses.is_empty())
                .then(|| -> BoxFuture<'_, _> { Box::pin(look_up(client, addresses)) });
        }
        due_changes.mark_unchanged();
        let read_at = schedule.read_at(&follower, views.due());
        let publish_at = schedule.publish_at;
        let hangs = reading.is_some() && schedule.began.elapsed() >= LONGEST_READING;
        tokio::select! {
            update = feed.next() => {
                schedule.is_urgent |= follower.take(update);
            }
            result = ended(&mut reading) => {
                let result = result.map(|reading| follower.read(reading));
                schedule.ended(result.is_ok(), follower.has_gap());
                if result.is_ok() {
                    schedule.publish(&mut follower, views);
                }
                on_step(Step::Read(&result));
            }
            found = ended(&mut lookup) => match found {
                Ok((slot, accounts)) => schedule.is_urgent |= follower.looked_up(slot, &accounts),
                // Whoever reads all reports what is wrong.
                Err(_) => schedule.is_urgent |= follower.failed_to_look_up(),
            },
            () = sleep_until(read_at), if reading.is_none() => {
                schedule.begin();
                let known = LastReading::of(&follower, views);
                reading = Some(Box::pin(read(client, schedule.began, known)));
            }
            () = sleep_until(publish_at), if follower.has_news() => {
                let has_changes = follower.has_changes();
                schedule.publish(&mut follower, views);
                if has_changes {
                    on_step(Step::Followed);
                }
            }
            _ = due_changes.changed() => {}
            _ = ticks.tick(), if !hangs => on_step(Step::Working),
        }
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = interval(REPORT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Returns once a task ended, and never if there is none.
async fn ended<T>(task: &mut Task<'_, T>) -> Result<T, LedgerError> {
    match task {
        Some(going) => {
            let result = going.await;
            *task = None;
            result
        }
        None => pending().await,
    }
}

/// When what is done.
struct Schedule {
    interval: Duration,
    /// When the last reading began, and from when on there may be another.
    began: Instant,
    earliest: Instant,
    has_succeeded: bool,
    /// Whether something may have changed that is not reported.
    is_urgent: bool,
    publish_at: Instant,
}

impl Schedule {
    fn new(interval: Duration) -> Self {
        let now = Instant::now();
        Self {
            interval,
            began: now,
            earliest: now,
            has_succeeded: false,
            is_urgent: true,
            publish_at: now,
        }
    }

    /// When the next reading begins.
    fn read_at(&self, follower: &Follower, due: Option<Instant>) -> Instant {
        let (is_following, has_gap) = (follower.is_following(), follower.has_gap());
        let longest = if is_following && !has_gap {
            FOLLOWED_INTERVAL.max(self.interval)
        } else {
            self.interval
        };
        let regular = self.began + longest;
        // What failed is tried again at the interval, though the view that is due is still not there.
        let due = due.filter(|_| self.has_succeeded && !is_following);
        if self.is_urgent || has_gap {
            self.earliest
        } else {
            due.unwrap_or(regular).min(regular).max(self.earliest)
        }
    }

    fn begin(&mut self) {
        self.began = Instant::now();
        self.is_urgent = false;
    }

    /// Half of the time at most is spent reading, however long it takes.
    fn ended(&mut self, has_succeeded: bool, has_gap: bool) {
        // A node that is behind does not know more at once.
        let pause = if has_succeeded && !has_gap {
            SHORTEST_PAUSE
        } else {
            LONGER_PAUSE
        };
        self.has_succeeded = has_succeeded;
        self.earliest = Instant::now() + self.began.elapsed().max(pause);
    }

    fn publish(&mut self, follower: &mut Follower, views: &Views) {
        let began = Instant::now();
        if let Some(view) = follower.view(views.newest().as_deref()) {
            views.publish(view);
        }
        let pause = began.elapsed().saturating_mul(PAUSE_RATIO);
        self.publish_at = Instant::now() + pause.max(SHORTEST_PAUSE);
    }
}

/// What is known of the ledger before it is read.
struct LastReading {
    stamp: Option<Hash>,
    devices: Arc<Table<Device>>,
}

impl LastReading {
    fn of(follower: &Follower, views: &Views) -> Self {
        let newest = views.newest();
        Self {
            stamp: follower.stamp(),
            devices: newest.map_or_else(Arc::default, |view| Arc::clone(&view.devices)),
        }
    }
}

/// Reads the time, and behind it all accounts, unless the ledger says that they are as they were.
async fn read(
    client: &Client,
    began: Instant,
    known: LastReading,
) -> Result<FullReading, LedgerError> {
    let ledger = client.ledger();
    let (now, newest) = tokio::try_join!(ledger.now(), ledger.newest_slot())?;
    let stamp = ledger.stamp().await?;
    let are_known = stamp.is_some() && stamp == known.stamp;
    let accounts = if are_known {
        None
    } else {
        Some(read_accounts(client, known.devices).await?)
    };
    Ok(FullReading {
        began,
        now,
        newest,
        stamp,
        accounts,
    })
}

/// Reads all accounts. Devices come first: whatever they name was there before them, so that what is read behind has it.
async fn read_accounts(
    client: &Client,
    known: Arc<Table<Device>>,
) -> Result<AllAccounts, LedgerError> {
    let devices = read_devices(client, known).await?;
    let registry = pda::registry(client.program_id()).0;
    let (contributors, locations, (slot, mut found)) = tokio::try_join!(
        client.contributors(),
        client.locations(),
        look_up(client, vec![registry]),
    )?;
    let registry = found.pop().and_then(|(_, account)| account);
    Ok(AllAccounts {
        devices,
        contributors: contributors.into(),
        locations: locations.into(),
        registry: FoundRegistry {
            account: registry,
            slot,
        },
    })
}

/// Reads all devices. Those that are as they were known are not held twice, as there may be a hundred megabytes of them.
async fn read_devices(
    client: &Client,
    known: Arc<Table<Device>>,
) -> Result<ListedTable<Device>, LedgerError> {
    let mut table = Table::default();
    let add = |device| table.add(device, &known);
    let visited = client.visit_devices(&DeviceFilter::default(), add).await?;
    table.unreadable = visited.unreadable;
    Ok(ListedTable {
        table,
        slot: visited.slot,
    })
}

/// Reads accounts by their addresses, and the clock beside them, which says the slot that they are of.
async fn look_up(client: &Client, addresses: Vec<Pubkey>) -> Result<LookedUp, LedgerError> {
    let asked = [&[clock::ID][..], &addresses].concat();
    let mut found = client.ledger().accounts(&asked).await?.into_iter();
    let clock = found.next().flatten();
    let slot = clock.and_then(|clock| clock.data.first_chunk().copied());
    let slot = slot
        .map(u64::from_le_bytes)
        .ok_or_else(|| LedgerError::Other("the ledger sent an unreadable clock".to_owned()))?;
    Ok((slot, addresses.into_iter().zip(found).collect()))
}
