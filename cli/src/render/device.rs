//! One device as JSON gives it, in `get` and in `list` alike.

use {
    ebb_sdk::{
        fleet::{SelectedDevice, Subject},
        json::DeviceJson,
    },
    serde::{Serialize, Serializer},
};

/// A device, its drain and its live holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    /// The device.
    pub device: DeviceJson<'static>,
    /// When it was read, in Unix seconds.
    pub now: i64,
}

impl Serialize for DeviceView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.device.serialize(serializer)
    }
}

impl DeviceView {
    /// The view of a device and what it names.
    pub fn of(subject: &Subject) -> Self {
        let contributor = &subject.contributor.account.code;
        let location = &subject.location.account.code;
        let device = DeviceJson::new(&subject.device, contributor, location, subject.now);
        Self {
            device: device.into_owned(),
            now: subject.now,
        }
    }

    /// The view of a device that was selected. What it names and is not there stands there with its address.
    pub fn of_selected(selected: &SelectedDevice<'_>, now: i64) -> Self {
        let head = &selected.device.account.head;
        let contributor = selected.contributor.map(|it| it.code.clone());
        let contributor = contributor.unwrap_or_else(|| head.contributor.to_string());
        let location = selected.location.map(|it| it.code.clone());
        let location = location.unwrap_or_else(|| head.location.to_string());
        let device = DeviceJson::new(&selected.device, &contributor, &location, now);
        Self {
            device: device.into_owned(),
            now,
        }
    }
}
