//! What a full screen is fed with, reading by reading.

use {
    crate::{
        error::CliError,
        render::device::DeviceView,
        workflow::{
            reader::{Devices, Reader, Watch},
            stream::Outages,
        },
    },
    ebb_sdk::json::LocationJson,
    std::{convert::Infallible, time::Duration},
    tokio::{
        sync::{mpsc::UnboundedSender, Notify},
        time::{sleep, timeout},
    },
};

/// How often locations are read though no device changes, and how far apart these readings are at least.
const LOCATIONS_INTERVAL: Duration = Duration::from_secs(5);
const LOCATIONS_PAUSE: Duration = Duration::from_secs(1);

/// What is new.
pub enum Update {
    /// The devices that pass the filter.
    Devices {
        /// The devices.
        views: Vec<DeviceView>,
        /// How many cannot be read.
        unreadable: usize,
        /// When they were read, in Unix seconds.
        now: i64,
    },
    /// All locations.
    Locations(Vec<LocationJson>),
    /// That nothing can be read, and why.
    Outage(String),
}

impl Update {
    /// A reading of devices.
    pub fn devices(devices: &Devices) -> Result<Self, CliError> {
        Ok(Self::Devices {
            views: devices.views().collect::<Result<_, _>>()?,
            unreadable: devices.unreadable.len(),
            now: devices.now,
        })
    }
}

/// Feeds a screen until something fails that is no outage.
pub async fn feed(
    reader: &dyn Reader,
    readings: Box<dyn Watch + '_>,
    updates: UnboundedSender<Update>,
) -> CliError {
    let changed = Notify::new();
    let ended = tokio::select! {
        ended = feed_devices(readings, &updates, &changed) => ended,
        ended = feed_locations(reader, &updates, &changed) => ended,
    };
    match ended {
        Err(error) => error,
    }
}

async fn feed_devices(
    mut readings: Box<dyn Watch + '_>,
    updates: &UnboundedSender<Update>,
    changed: &Notify,
) -> Result<Infallible, CliError> {
    let mut outages = outages(updates);
    loop {
        if let Some(devices) = outages.tolerate(readings.next().await)? {
            send(updates, Update::devices(&devices)?);
            changed.notify_one();
        }
    }
}

async fn feed_locations(
    reader: &dyn Reader,
    updates: &UnboundedSender<Update>,
    changed: &Notify,
) -> Result<Infallible, CliError> {
    let mut outages = outages(updates);
    loop {
        if let Some((locations, _)) = outages.tolerate(reader.locations().await)? {
            send(updates, Update::Locations(locations));
        }
        sleep(LOCATIONS_PAUSE).await;
        // Either way it is time.
        let _ = timeout(LOCATIONS_INTERVAL, changed.notified()).await;
    }
}

fn outages(updates: &UnboundedSender<Update>) -> Outages<'_> {
    Outages::reported(|error| send(updates, Update::Outage(error.to_string())))
}

fn send(updates: &UnboundedSender<Update>, update: Update) {
    // A screen that is gone reads nothing, and whoever waits for it sees that.
    let _ = updates.send(update);
}
