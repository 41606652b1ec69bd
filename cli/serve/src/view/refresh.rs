//! Reading the ledger again and again.

use {
    super::{Table, View, Views},
    ebb_sdk::{
        client::{Client, DeviceFilter},
        ledger::{AccountWatcher, LedgerError},
    },
    std::{future::Future, pin::pin, sync::Arc, time::Duration},
    tokio::{
        sync::watch,
        time::{interval, sleep, sleep_until, Instant, Interval, MissedTickBehavior},
    },
};

/// How often the ledger is read at the latest while it reports changes by itself.
const CONNECTED_INTERVAL: Duration = Duration::from_secs(10);
/// How long after a reading the next one begins at the earliest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
/// How often the reader reports that it works.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// A reading that takes longer hangs: the requests of one are given up before.
const LONGEST_READING: Duration = Duration::from_secs(1_800);

/// What the reader of the ledger does.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// It ended a reading.
    Read(&'a Result<(), LedgerError>),
    /// It works: it reads, for no longer than a reading may take, or waits for the next one.
    Working,
}

/// Keeps the newest view fresh: reads the ledger when it reports a change, when the time alone changes what is found, and
/// else every `interval`, for ever.
///
/// A reading that fails leaves the view as it is, and its lag grows. `on_step` is called with the result of each, and every
/// second in between by the same task.
pub async fn keep_fresh(
    client: &Client,
    views: &Views,
    interval: Duration,
    max_lag: Duration,
    on_step: impl Fn(Step<'_>),
) {
    let mut waker = Waker {
        views,
        due_changes: views.due_changes(),
        watcher: client.ledger().watch_program(client.program_id()),
        interval,
        max_lag,
    };
    let mut reporter = Reporter::new(|| on_step(Step::Working));
    loop {
        let began = Instant::now();
        let reading = read(client, views.newest());
        let reading = reporter.during(reading, LONGEST_READING).await;
        let reading = reading.map(|view| views.publish(view));
        on_step(Step::Read(&reading));
        let pause = waker.pause(began, reading.is_ok());
        reporter.during(pause, Duration::MAX).await;
    }
}

/// Reports every second that something goes on.
struct Reporter<F> {
    ticks: Interval,
    report: F,
}

impl<F: Fn()> Reporter<F> {
    fn new(report: F) -> Self {
        let mut ticks = interval(REPORT_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { ticks, report }
    }

    /// Works, and reports so until that takes too long.
    async fn during<T>(&mut self, work: impl Future<Output = T>, longest: Duration) -> T {
        let (began, mut work) = (Instant::now(), pin!(work));
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = self.ticks.tick(), if began.elapsed() < longest => (self.report)(),
            }
        }
    }
}

/// What ends the pause between two readings.
struct Waker<'a> {
    views: &'a Views,
    due_changes: watch::Receiver<Option<i64>>,
    watcher: Box<dyn AccountWatcher>,
    interval: Duration,
    max_lag: Duration,
}

impl Waker<'_> {
    /// Waits until the reading that follows the one that began then is to begin.
    async fn pause(&mut self, began: Instant, has_succeeded: bool) {
        // Half of the time at most is spent reading, however long it takes.
        sleep(began.elapsed().max(SHORTEST_PAUSE)).await;
        let is_connected = self.watcher.is_connected();
        let longest = longest_pause(is_connected, self.interval, self.max_lag);
        let rest = longest.saturating_sub(began.elapsed());
        let mut rest = pin!(sleep(rest));
        loop {
            self.due_changes.mark_unchanged();
            // What failed is tried again at the interval, though the view that is due is still not there.
            let due = self.views.due().filter(|_| has_succeeded);
            tokio::select! {
                () = &mut rest => return,
                () = self.watcher.next() => return,
                () = sleep_until(due.unwrap_or(began)), if due.is_some() => return,
                _ = self.due_changes.changed() => {}
            }
        }
    }
}

/// How long after a reading began the next one does at the latest.
fn longest_pause(is_connected: bool, interval: Duration, max_lag: Duration) -> Duration {
    match is_connected {
        // A ledger on which nothing happens is not to exceed the lag between two readings.
        true => CONNECTED_INTERVAL.min(max_lag / 2).max(interval),
        false => interval,
    }
}

/// Reads everything. Devices come first: whatever they name was there before them, so that the lists behind have it.
async fn read(client: &Client, before: Option<Arc<View>>) -> Result<View, LedgerError> {
    let read_at = Instant::now();
    let ledger = client.ledger();
    let (now, newest_slot) = tokio::try_join!(ledger.now(), ledger.newest_slot())?;
    let devices = client.devices(&DeviceFilter::default()).await?;
    let (contributors, locations) = tokio::try_join!(client.contributors(), client.locations())?;
    let first = View::none(read_at);
    let before = before.as_deref().unwrap_or(&first);
    // A node that is behind may report an older one than was read.
    let reported = newest_slot.map(|newest| newest.max(now.slot));
    let has_moved = reported.is_none_or(|newest| newest > before.newest_slot);
    Ok(View {
        version: before.version + 1,
        revision: before.revision,
        slot: now.slot,
        time: now.time,
        read_at,
        newest_slot: reported.unwrap_or(now.slot),
        moved_at: match has_moved {
            true => read_at,
            false => before.moved_at,
        },
        devices: Table::new(devices, &before.devices),
        contributors: Table::new(contributors, &before.contributors),
        locations: Table::new(locations, &before.locations),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_reports_changes_is_read_before_the_lag_is_exceeded() {
        let pause = |is_connected, interval, max_lag| {
            let [interval, max_lag] = [interval, max_lag].map(Duration::from_secs);
            longest_pause(is_connected, interval, max_lag).as_secs()
        };
        assert_eq!((pause(true, 1, 60), pause(false, 1, 60)), (10, 1));
        assert_eq!((pause(true, 1, 6), pause(false, 1, 6)), (3, 1));
        assert_eq!((pause(true, 30, 6), pause(false, 30, 6)), (30, 30));
    }
}
