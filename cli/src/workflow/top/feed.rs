//! What a full screen is fed with, reading by reading.

use {
    crate::{
        error::{CliError, Kind},
        render::device::DeviceView,
        workflow::{
            reader::{Devices, Reader, Watch},
            stream::Outages,
        },
    },
    ebb_sdk::json::{ContributorJson, LocationJson, RegistryJson},
    std::{convert::Infallible, time::Duration},
    tokio::{
        sync::{mpsc::UnboundedSender, Notify},
        time::{sleep, timeout},
    },
};

/// How often contributors, registry and locations are read though no device changes, and how far apart these readings are at least.
const CONTEXT_INTERVAL: Duration = Duration::from_secs(5);
const CONTEXT_PAUSE: Duration = Duration::from_secs(1);

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
    /// All contributors, the registry where it can be read, and all locations.
    Context(
        Vec<ContributorJson>,
        Option<RegistryJson>,
        Vec<LocationJson>,
    ),
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
        ended = feed_context(reader, &updates, &changed) => ended,
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

async fn feed_context(
    reader: &dyn Reader,
    updates: &UnboundedSender<Update>,
    changed: &Notify,
) -> Result<Infallible, CliError> {
    let mut outages = outages(updates);
    loop {
        if let Some(context) = outages.tolerate(context(reader).await)? {
            send(updates, context);
        }
        sleep(CONTEXT_PAUSE).await;
        // Either way it is time.
        let _ = timeout(CONTEXT_INTERVAL, changed.notified()).await;
    }
}

async fn context(reader: &dyn Reader) -> Result<Update, CliError> {
    let (contributors, _) = reader.contributors().await?;
    let registry = match reader.registry().await {
        Err(error) if error.kind() == Kind::Unreachable => return Err(error),
        // It cannot be decoded, or a server of an older version does not answer it: its policy is not known.
        read => read.ok(),
    };
    let (locations, _) = reader.locations().await?;
    Ok(Update::Context(contributors, registry, locations))
}

fn outages(updates: &UnboundedSender<Update>) -> Outages<'_> {
    Outages::reported(|error| send(updates, Update::Outage(error.to_string())))
}

fn send(updates: &UnboundedSender<Update>, update: Update) {
    // A screen that is gone reads nothing, and whoever waits for it sees that.
    let _ = updates.send(update);
}
