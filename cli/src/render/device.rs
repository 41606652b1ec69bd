//! One device as JSON gives it, in `get` and in `list` alike.

use {
    crate::error::CliError,
    ebb_sdk::{
        client::Keyed,
        fleet::{Selected, Subject},
        json::DeviceJson,
        state::{Device, DeviceHead},
        Role,
    },
    serde::{Serialize, Serializer},
};

/// A device, its drain and its live holds. Small until it is written: lists have many.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The device.
    pub device: Keyed<Device>,
    /// The contributor's code.
    pub contributor: String,
    /// The location's code.
    pub location: String,
    /// When it was read, in Unix seconds: live holds expire after it.
    pub now: i64,
}

impl Serialize for DeviceView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (contributor, location) = (&self.contributor, &self.location);
        DeviceJson::new(&self.device, contributor, location, self.now).serialize(serializer)
    }
}

impl DeviceView {
    /// `contributor` and `location` are the codes of those the device names; `now`, in Unix seconds,
    /// separates live holds from expired ones.
    pub fn new(found: &Keyed<Device>, contributor: &str, location: &str, now: i64) -> Self {
        Self {
            device: found.clone(),
            contributor: contributor.to_owned(),
            location: location.to_owned(),
            now,
        }
    }

    /// The view of a device and what it names.
    pub fn of(subject: &Subject) -> Self {
        let contributor = &subject.contributor.account.code;
        let location = &subject.location.account.code;
        Self::new(&subject.device, contributor, location, subject.now)
    }

    /// The views of the devices that were selected, in the order of their codes.
    pub fn all(selected: &Selected) -> impl Iterator<Item = Result<Self, CliError>> + Clone + '_ {
        selected.devices().map(|device| {
            let device = device?;
            let head = &device.device.account.head;
            let contributor = device.contributor.map(|it| it.code.clone());
            let contributor = contributor.unwrap_or_else(|| head.contributor.to_string());
            let location = device.location.map(|it| it.code.clone());
            let location = location.unwrap_or_else(|| head.location.to_string());
            Ok(Self::new(
                &device.device,
                &contributor,
                &location,
                selected.now,
            ))
        })
    }

    /// Its fixed part.
    pub fn head(&self) -> &DeviceHead {
        &self.device.account.head
    }

    /// In which role its health was reported, if it was.
    pub fn health_reporter(&self) -> Option<&'static str> {
        let role = self.head().health_reported_by;
        (role != Role::None).then(|| role.as_str())
    }
}
