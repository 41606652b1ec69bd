//! What there is: how many devices of each status, and at each location.

use {
    super::{super::filter::Filter, part::UserText},
    crate::view::View,
    ebb_sdk::{
        lifecycle::Budget,
        state::{Location, LocationHead, ProvisioningStatus},
    },
};

/// How many locations a page has at most.
const MAX_LOCATIONS: usize = 100;

/// How many devices have a status.
pub struct StatusCount {
    /// The status.
    pub status: &'static str,
    /// How many devices.
    pub devices: usize,
}

/// How many devices there are, whatever the filters.
pub struct DeviceCounts {
    /// How many of each status.
    pub statuses: Vec<StatusCount>,
    /// How many draining ones are overdue.
    pub overdue: usize,
}

impl DeviceCounts {
    /// Counts the devices of a view.
    pub fn of(view: &View) -> Self {
        let mut statuses = ProvisioningStatus::ALL.map(|status| (status, 0));
        let mut overdue = 0;
        for found in view.devices.by_code.values() {
            let head = &found.account.head;
            overdue += usize::from(head.is_overdue(view.time));
            for (status, devices) in &mut statuses {
                *devices += usize::from(head.provisioning_status == *status);
            }
        }
        let count = |(status, devices): (ProvisioningStatus, usize)| StatusCount {
            status: status.as_str(),
            devices,
        };
        Self {
            statuses: statuses.into_iter().map(count).collect(),
            overdue,
        }
    }
}

/// A location and its budget.
pub struct LocationRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: UserText,
    /// Devices there.
    pub devices: u32,
    /// Activated devices there.
    pub activated: u32,
    /// Draining devices there.
    pub draining: u32,
    /// The fewest devices that must stay activated.
    pub min_activated: u32,
    /// How many more may start to drain.
    pub spare: u32,
}

impl LocationRow {
    fn of(location: &Location) -> Self {
        let head = &location.head;
        Self {
            code: location.code.clone(),
            name: UserText::new(&location.name),
            devices: head.devices,
            activated: head.activated,
            draining: head.draining,
            min_activated: head.min_activated,
            spare: spare(head),
        }
    }
}

fn spare(location: &LocationHead) -> u32 {
    Budget::of(location).spare()
}

/// The locations that pass, and how many more there are than a page has. Those are left out first where nothing drains and more
/// may start to.
pub fn places(view: &View, filter: &Filter) -> (Vec<LocationRow>, usize) {
    let locations = view.locations.by_code.values();
    let passing = locations.filter(|found| filter.admits_location(&found.address));
    let mut all: Vec<&Location> = passing.map(|found| &found.account).collect();
    let more = all.len().saturating_sub(MAX_LOCATIONS);
    if more > 0 {
        all.sort_by_key(|location| (location.head.draining == 0, spare(&location.head) > 0));
        all.truncate(MAX_LOCATIONS);
    }
    (all.into_iter().map(LocationRow::of).collect(), more)
}
