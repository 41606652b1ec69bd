//! The metrics of each device, of as many as have series of their own. No alert sees a device that has none, so those that one may
//! be about come first.

use {
    super::series::series,
    crate::view::View,
    ebb_sdk::state::{Device, DrainRecord, Health, HoldKind, ProvisioningStatus},
    prometheus_client::encoding::DescriptorEncoder,
    std::fmt,
};

/// The devices of a view that have series of their own, and how many have none.
pub struct OfDevices<'a> {
    devices: Vec<&'a Device>,
    /// The ledger's time.
    time: i64,
    cut: usize,
    unwatched: usize,
}

impl<'a> OfDevices<'a> {
    /// Chooses at most so many: those that need attention, then the others, both in the order of their codes.
    pub fn new(view: &'a View, limit: usize) -> Self {
        let all = view.devices.by_code.values().map(|device| &device.account);
        let (urgent, others): (Vec<_>, Vec<_>) = all.partition(|device| needs_attention(device));
        Self {
            time: view.time,
            cut: view.devices.by_code.len().saturating_sub(limit),
            unwatched: urgent.len().saturating_sub(limit),
            devices: urgent.into_iter().chain(others).take(limit).collect(),
        }
    }

    /// Writes all of them.
    ///
    /// # Errors
    /// None, as writing to a string cannot fail.
    pub fn encode(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        self.counts(out)?;
        self.statuses(out)?;
        self.healths(out)?;
        self.holds(out)?;
        self.numbers(out)
    }

    fn counts(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        for (name, help, count) in [
            (
                "ebb_device_series_cut",
                "Devices that have no series of their own, as there are too many",
                self.cut,
            ),
            (
                "ebb_unwatched_devices",
                "Devices that drain, retire, or serve and are not fit to, and have no series of their own",
                self.unwatched,
            ),
        ] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            series(out, name, help, [([("", ""); 0], count)])?;
        }
        Ok(())
    }

    fn statuses(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        let statuses = self.devices.iter().flat_map(|device| {
            ProvisioningStatus::ALL.map(|status| {
                let labels = [
                    ("device", device.code.as_str()),
                    ("status", status.as_str()),
                ];
                (labels, i64::from(status == device.head.provisioning_status))
            })
        });
        let help = "1 for the device's status";
        series(out, "ebb_device_status", help, statuses)
    }

    fn healths(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        let healths = self.devices.iter().flat_map(|device| {
            Health::ALL.map(|health| {
                let labels = [
                    ("device", device.code.as_str()),
                    ("health", health.as_str()),
                ];
                (labels, i64::from(health == device.head.health))
            })
        });
        let help = "1 for the device's health";
        series(out, "ebb_device_health", help, healths)
    }

    fn holds(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        let holds = self.devices.iter().flat_map(|device| {
            HoldKind::ALL.map(|kind| {
                let live = device.head.live_holds(self.time);
                let labels = [("device", device.code.as_str()), ("kind", kind.as_str())];
                (labels, live.filter(|hold| hold.kind == kind).count() as i64)
            })
        });
        series(out, "ebb_device_holds", "Live holds of the device", holds)
    }

    fn numbers(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        for (name, help, value) in PER_DEVICE {
            let values = self.devices.iter().filter_map(|device| {
                let labels = [("device", device.code.as_str())];
                Some((labels, value(device)?))
            });
            series(out, name, help, values)?;
        }
        Ok(())
    }
}

/// Whether an alert of the rules that are shipped may be about it.
fn needs_attention(device: &Device) -> bool {
    match device.head.provisioning_status {
        ProvisioningStatus::Draining | ProvisioningStatus::Retiring => true,
        ProvisioningStatus::Activated => {
            matches!(device.head.health, Health::Unhealthy | Health::Dead)
        }
        ProvisioningStatus::Pending | ProvisioningStatus::Retired => false,
    }
}

type DeviceValue = fn(&Device) -> Option<i64>;

/// What a device has one number of, where it has it.
const PER_DEVICE: [(&str, &str, DeviceValue); 6] = [
    ("ebb_device_sessions", "Open sessions", |device| {
        Some(device.head.sessions.into())
    }),
    (
        "ebb_device_drained",
        "1 if it is draining without a session",
        |device| Some(device.head.is_drained().into()),
    ),
    (
        "ebb_device_status_changed_timestamp_seconds",
        "When its status changed last",
        |device| Some(device.head.status_changed_at),
    ),
    (
        "ebb_device_drain_deadline_timestamp_seconds",
        "From when its sessions may be evicted",
        |device| {
            let deadline = drain_of(device)?.deadline;
            (deadline != 0).then_some(deadline)
        },
    ),
    (
        "ebb_device_drain_sessions_at_start",
        "Sessions that were open when its drain started",
        |device| Some(drain_of(device)?.sessions_at_start.into()),
    ),
    ("ebb_device_disk_keys", "Disk keys", |device| {
        Some(device.head.disk_keys.into())
    }),
];

fn drain_of(device: &Device) -> Option<&DrainRecord> {
    let head = &device.head;
    (head.provisioning_status == ProvisioningStatus::Draining).then_some(&head.drain)
}
