//! The metrics of each device.

use {
    super::series::series,
    crate::view::View,
    ebb_sdk::state::{Device, DrainRecord, Health, HoldKind, ProvisioningStatus},
    prometheus_client::encoding::DescriptorEncoder,
    std::fmt,
};

/// Writes them, of at most so many devices.
pub fn each_device(out: &mut DescriptorEncoder, view: &View, limit: usize) -> fmt::Result {
    let devices = || view.devices.by_code.values().take(limit);
    let statuses = devices().flat_map(|device| {
        let is = device.account.head.provisioning_status;
        ProvisioningStatus::ALL.map(|status| {
            let labels = [
                ("device", device.account.code.as_str()),
                ("status", status.as_str()),
            ];
            (labels, i64::from(status == is))
        })
    });
    series(
        out,
        "ebb_device_status",
        "1 for the device's status",
        statuses,
    )?;
    let healths = devices().flat_map(|device| {
        let is = device.account.head.health;
        Health::ALL.map(|health| {
            let labels = [
                ("device", device.account.code.as_str()),
                ("health", health.as_str()),
            ];
            (labels, i64::from(health == is))
        })
    });
    series(
        out,
        "ebb_device_health",
        "1 for the device's health",
        healths,
    )?;
    let holds = devices().flat_map(|device| {
        let head = &device.account.head;
        HoldKind::ALL.map(|kind| {
            let live = head.live_holds(view.time).filter(|hold| hold.kind == kind);
            let labels = [
                ("device", device.account.code.as_str()),
                ("kind", kind.as_str()),
            ];
            (labels, live.count() as i64)
        })
    });
    series(out, "ebb_device_holds", "Live holds of the device", holds)?;
    for (name, help, value) in PER_DEVICE {
        let values = devices().filter_map(|device| {
            let labels = [("device", device.account.code.as_str())];
            Some((labels, value(&device.account)?))
        });
        series(out, name, help, values)?;
    }
    Ok(())
}

type Value = fn(&Device) -> Option<i64>;

/// What a device has one number of, where it has it.
const PER_DEVICE: [(&str, &str, Value); 6] = [
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
