//! Reading the ledger again and again.

use {
    super::{Table, View, Views},
    ebb_sdk::{
        client::{Client, DeviceFilter},
        ledger::LedgerError,
    },
    std::{
        sync::Arc,
        time::{Duration, Instant},
    },
    tokio::time::sleep,
};

/// How often the ledger is read at the latest while it reports changes by itself.
const CONNECTED_INTERVAL: Duration = Duration::from_secs(10);
/// How long after a reading the next one begins at the earliest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// Keeps the newest view fresh: reads the ledger when it reports a change, and else every `interval`, for ever.
///
/// A reading that fails leaves the view as it is, and its lag grows. `on_reading` is called with the result of each.
pub async fn keep_fresh(
    client: &Client,
    views: &Views,
    interval: Duration,
    max_lag: Duration,
    on_reading: impl Fn(&Result<(), LedgerError>),
) {
    let mut watcher = client.ledger().watch_program(client.program_id());
    loop {
        let began = Instant::now();
        let reading = read(client, views.newest()).await;
        on_reading(&reading.map(|view| views.publish(view)));
        // Half of the time at most is spent reading, however long it takes.
        sleep(began.elapsed().max(SHORTEST_PAUSE)).await;
        let pause = longest_pause(watcher.is_connected(), interval, max_lag);
        tokio::select! {
            () = sleep(pause.saturating_sub(began.elapsed())) => {}
            () = watcher.next() => {}
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
