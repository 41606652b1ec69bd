//! What one reading of the ledger found.

use {
    super::Table,
    ebb_sdk::{
        client::Keyed,
        fleet::Selection,
        json::DeviceJson,
        lifecycle::{Facts, RelatedAccounts},
        state::{Contributor, Device, DeviceHead, Location, Registry},
        EbbError,
    },
    std::{sync::Arc, time::Duration},
    tokio::time::Instant,
};

/// How long a slot takes, as clusters aim for.
pub const MILLISECONDS_PER_SLOT: u64 = 400;
/// A moment that is farther away than a clock can say is taken for this far away.
const FAR: Duration = Duration::from_secs(86_400);

/// What the ledger had at one time.
#[derive(Debug)]
pub struct View {
    /// Which view of this server it is, from 1.
    pub version: u64,
    /// The first version in which every query finds what it finds in this one, as far as queries said when the time alone
    /// changes that.
    pub revision: u64,
    /// The slot up to which the ledger was read or reported every change: nothing in the view is older.
    pub slot: u64,
    /// The ledger's time then, in Unix seconds.
    pub time: i64,
    /// When the reading began, or the report arrived.
    pub read_at: Instant,
    /// The newest slot that the ledger itself reported then.
    pub newest_slot: u64,
    /// When it was first found that this is the newest slot. A cluster always has another one soon.
    pub moved_at: Instant,
    /// Every device.
    pub devices: Arc<Table<Device>>,
    /// Every contributor.
    pub contributors: Arc<Table<Contributor>>,
    /// Every location.
    pub locations: Arc<Table<Location>>,
    /// The registry, or why it cannot be read; `None` before there is one.
    pub registry: Option<Result<Registry, EbbError>>,
}

/// How far a view may be behind the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The slots between the view's and the newest that the ledger reported when it was read, and those that have gone
    /// by since it reported a newer one, at 400 ms each: between two readings it grows by a few, and while the ledger is
    /// out of reach or stands still it goes on growing.
    pub slots: u64,
    /// How long ago the reading began.
    pub age: Duration,
}

impl Lag {
    /// The slots as a time.
    pub fn time(&self) -> Duration {
        Duration::from_millis(self.slots.saturating_mul(MILLISECONDS_PER_SLOT))
    }
}

impl View {
    /// Whether the accounts are those of another view.
    pub(super) fn has_accounts_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.devices, &other.devices)
            && Arc::ptr_eq(&self.contributors, &other.contributors)
            && Arc::ptr_eq(&self.locations, &other.locations)
            && self.registry == other.registry
    }

    /// When the ledger's time alone may next change what a selection takes, or which holds are live.
    pub fn next_moment(&self, selection: &Selection) -> Option<i64> {
        let devices = self.devices.by_code.values();
        let moments =
            devices.filter_map(|device| selection.next_moment(&device.account.head, self.time));
        moments.min()
    }

    /// When the ledger's time will be this one, in Unix seconds, if it passes as fast as here.
    pub(super) fn instant_of(&self, time: i64) -> Instant {
        let seconds = u64::try_from(time.saturating_sub(self.time)).unwrap_or_default();
        let instant = self.read_at.checked_add(Duration::from_secs(seconds));
        instant.unwrap_or_else(|| self.read_at + FAR)
    }

    /// How far it may be behind now.
    pub fn lag(&self) -> Lag {
        self.lag_after(self.read_at.elapsed())
    }

    pub(super) fn lag_after(&self, age: Duration) -> Lag {
        let behind = self.newest_slot.saturating_sub(self.slot);
        let since = age + self.read_at.saturating_duration_since(self.moved_at);
        let since = u64::try_from(since.as_millis()).unwrap_or(u64::MAX) / MILLISECONDS_PER_SLOT;
        Lag {
            slots: behind.saturating_add(since),
            age,
        }
    }

    /// A device as JSON has it. What it names and cannot be read stands there with its address.
    pub fn with_json<T>(
        &self,
        device: &Keyed<Device>,
        take: impl FnOnce(DeviceJson<'_>) -> T,
    ) -> T {
        let head = &device.account.head;
        let contributor = self.contributors.code_or_address(&head.contributor);
        let location = self.locations.code_or_address(&head.location);
        take(DeviceJson::new(device, &contributor, &location, self.time))
    }

    /// What the rules ask about a device.
    pub fn facts(&self, device: &DeviceHead) -> Facts {
        let contributor = self.contributors.at(&device.contributor);
        let location = self.locations.at(&device.location);
        let related = RelatedAccounts::of(
            contributor.map(|found| &found.account.head),
            self.registry.as_ref().and_then(|found| found.as_ref().ok()),
            location.map(|found| &found.account.head),
        );
        Facts::of(device, self.time).with_related(related)
    }

    /// How many accounts cannot be read.
    pub fn unreadable(&self) -> usize {
        self.devices.unreadable.len()
            + self.contributors.unreadable.len()
            + self.locations.unreadable.len()
            + usize::from(matches!(self.registry, Some(Err(_))))
    }
}
