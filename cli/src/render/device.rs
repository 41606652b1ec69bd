//! One device as JSON gives it, in `get` and in `list` alike.

use {
    crate::{error::CliError, terminal::time::rfc3339},
    ebb_sdk::{
        client::Keyed,
        fleet::{Selected, Subject},
        state::{present, Device, DeviceHead, Hold, ProvisioningStatus},
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
        Body::of(self).serialize(serializer)
    }
}

/// The fields in JSON.
#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    address: String,
    contributor: &'a str,
    contributor_address: String,
    generation: u64,
    sequence: u64,
    location: &'a str,
    device_type: &'static str,
    public_ip: String,
    agent: Option<String>,
    provisioning_status: &'static str,
    drained: bool,
    status_changed_at: Option<String>,
    status_changed_slot: u64,
    health: &'static str,
    health_reported_at: Option<String>,
    health_reported_by: Option<&'static str>,
    sessions: u32,
    max_sessions: u32,
    disk_keys: u32,
    drain: Option<DrainView>,
    holds: Vec<HoldView>,
}

/// How a running drain started, its deadline and planned return, and who set reason and deadline last.
#[derive(Clone, Debug, Serialize)]
pub struct DrainView {
    pub started_at: Option<String>,
    pub started_by: String,
    pub role: &'static str,
    pub reason: String,
    pub reason_by: String,
    pub reason_role: &'static str,
    pub deadline: Option<String>,
    pub deadline_by: String,
    pub deadline_role: &'static str,
    pub until: Option<String>,
    pub sessions_at_start: u32,
}

/// A hold that blocks now.
#[derive(Clone, Debug, Serialize)]
pub struct HoldView {
    pub id: u32,
    pub kind: &'static str,
    pub placed_by: String,
    pub role: &'static str,
    pub reason: String,
    pub expires_at: Option<String>,
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

impl<'a> Body<'a> {
    fn of(view: &'a DeviceView) -> Self {
        let Device { head, code } = &view.device.account;
        Self {
            code,
            address: view.device.address.to_string(),
            contributor: &view.contributor,
            contributor_address: head.contributor.to_string(),
            generation: head.generation,
            sequence: head.sequence,
            location: &view.location,
            device_type: head.device_type.as_str(),
            public_ip: view.device.account.public_ip().to_string(),
            agent: present(&head.agent).map(ToString::to_string),
            provisioning_status: head.provisioning_status.as_str(),
            drained: head.is_drained(),
            status_changed_at: rfc3339(head.status_changed_at),
            status_changed_slot: head.status_changed_slot,
            health: head.health.as_str(),
            health_reported_at: rfc3339(head.health_reported_at),
            health_reported_by: view.health_reporter(),
            sessions: head.sessions,
            max_sessions: head.max_sessions,
            disk_keys: head.disk_keys,
            drain: DrainView::of(&view.device.account),
            holds: head.live_holds(view.now).map(HoldView::new).collect(),
        }
    }
}

impl DrainView {
    fn of(device: &Device) -> Option<Self> {
        let head = &device.head;
        let drain = &head.drain;
        (head.provisioning_status == ProvisioningStatus::Draining).then(|| Self {
            started_at: rfc3339(drain.started_at),
            started_by: drain.started_by.to_string(),
            role: drain.role.as_str(),
            reason: drain.reason.as_str().unwrap_or_default().to_owned(),
            reason_by: drain.reason_by.to_string(),
            reason_role: drain.reason_role.as_str(),
            deadline: rfc3339(drain.deadline),
            deadline_by: drain.deadline_by.to_string(),
            deadline_role: drain.deadline_role.as_str(),
            until: rfc3339(drain.planned_return),
            sessions_at_start: drain.sessions_at_start,
        })
    }
}

impl HoldView {
    /// A hold as JSON gives it.
    pub fn new(hold: &Hold) -> Self {
        Self {
            id: hold.id,
            kind: hold.kind.as_str(),
            placed_by: hold.placed_by.to_string(),
            role: hold.role.as_str(),
            reason: hold.reason.as_str().unwrap_or_default().to_owned(),
            expires_at: rfc3339(hold.expires_at),
        }
    }
}
