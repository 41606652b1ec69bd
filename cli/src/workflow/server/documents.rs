//! The documents that a server answers.

use {
    super::http::Server,
    crate::{
        error::CliError,
        render::{
            device::DeviceView,
            history::{EventEntry, GapEntry},
        },
        workflow::{reader::Devices, server::http::Answer},
    },
    ebb_sdk::{
        client::Unreadable,
        json::{unix_seconds, ContributorJson, DeviceJson, LocationJson},
        EbbError,
    },
    serde::Deserialize,
};

/// From which view an answer was made.
#[derive(Deserialize)]
pub struct Stamp {
    /// Nothing in the answer is older.
    pub slot: u64,
    time: Option<String>,
    lag_slots: u64,
}

impl Stamp {
    /// Reads the stamp of an answer, and warns if the server is behind.
    pub fn of(server: &Server, answer: &Answer) -> Result<Self, CliError> {
        let stamp: Self = answer.json()?;
        server.note_lag(stamp.lag_slots);
        Ok(stamp)
    }

    /// The ledger's time when it was read, in Unix seconds.
    pub fn now(&self) -> i64 {
        unix_seconds(self.time.as_deref())
    }
}

/// An account that cannot be read.
#[derive(Deserialize)]
struct UnreadableJson {
    address: String,
    code: u32,
}

/// What this version does not know is a newer one's.
fn unreadable(all: Vec<UnreadableJson>) -> Unreadable {
    let read = |it: UnreadableJson| {
        let error = EbbError::from_number(it.code).unwrap_or(EbbError::UnsupportedVersion);
        Some((it.address.parse().ok()?, error))
    };
    all.into_iter().filter_map(read).collect()
}

#[derive(Deserialize)]
struct DeviceList {
    devices: Vec<DeviceJson<'static>>,
    unreadable: Vec<UnreadableJson>,
}

/// Reads a list of devices.
pub fn devices(answer: &Answer, now: i64) -> Result<Devices, CliError> {
    let list: DeviceList = answer.json()?;
    let devices = list.devices.into_iter();
    let views = devices.map(|device| DeviceView { device, now });
    Ok(Devices::new(
        now,
        views.collect(),
        unreadable(list.unreadable),
    ))
}

/// Reads a device.
pub fn device(answer: &Answer, now: i64) -> Result<DeviceView, CliError> {
    let device = answer.json()?;
    Ok(DeviceView { device, now })
}

#[derive(Deserialize)]
struct LocationList {
    locations: Vec<LocationJson>,
    unreadable: Vec<UnreadableJson>,
}

/// Reads a list of locations.
pub fn locations(answer: &Answer) -> Result<(Vec<LocationJson>, Unreadable), CliError> {
    let list: LocationList = answer.json()?;
    Ok((list.locations, unreadable(list.unreadable)))
}

#[derive(Deserialize)]
struct ContributorList {
    contributors: Vec<ContributorJson>,
    unreadable: Vec<UnreadableJson>,
}

/// Reads a list of contributors.
pub fn contributors(answer: &Answer) -> Result<(Vec<ContributorJson>, Unreadable), CliError> {
    let list: ContributorList = answer.json()?;
    Ok((list.contributors, unreadable(list.unreadable)))
}

/// A page of a device's history, and the holes of all of it.
#[derive(Deserialize)]
pub struct DeviceHistory {
    /// The events.
    pub events: Vec<EventEntry>,
    /// The holes.
    pub gaps: Vec<GapEntry>,
}

/// Where a list of a stream ends, and what it was made from.
#[derive(Deserialize)]
pub struct ListEnd {
    /// Nothing in it is older.
    pub slot: u64,
    time: Option<String>,
}

impl ListEnd {
    /// The ledger's time when it was read, in Unix seconds.
    pub fn now(&self) -> i64 {
        unix_seconds(self.time.as_deref())
    }
}

/// What of a device that is no longer in the selection a stream has.
#[derive(Deserialize)]
pub struct Removed {
    /// The device's code.
    pub code: String,
}
