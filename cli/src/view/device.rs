//! One device as JSON gives it, in `get` and in `list` alike.

use {
    crate::value::rfc3339,
    ebb_sdk::{
        client::Keyed,
        state::{present, Device, DeviceHead, Hold, ProvisioningStatus},
        Role,
    },
    serde::Serialize,
};

/// A device, its drain and its live holds.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceView {
    pub code: String,
    pub address: String,
    pub contributor: String,
    pub contributor_address: String,
    pub generation: u64,
    pub sequence: u64,
    pub location: String,
    pub device_type: &'static str,
    pub public_ip: String,
    pub agent: Option<String>,
    pub provisioning_status: &'static str,
    pub drained: bool,
    pub status_changed_at: Option<String>,
    pub status_changed_slot: u64,
    pub health: &'static str,
    pub health_reported_at: Option<String>,
    pub health_reported_by: Option<&'static str>,
    pub sessions: u32,
    pub max_sessions: u32,
    pub disk_keys: u32,
    pub drain: Option<DrainView>,
    pub holds: Vec<HoldView>,
    /// The account that the tables are written from.
    #[serde(skip)]
    pub head: DeviceHead,
    /// When it was read, in Unix seconds.
    #[serde(skip)]
    pub now: i64,
}

/// How a running drain started and what it promises.
#[derive(Clone, Debug, Serialize)]
pub struct DrainView {
    pub started_at: Option<String>,
    pub started_by: String,
    pub role: &'static str,
    pub reason: String,
    pub deadline: Option<String>,
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
    /// tells live holds from expired ones.
    pub fn new(found: &Keyed<Device>, contributor: &str, location: &str, now: i64) -> Self {
        let Device { head, code } = &found.account;
        Self {
            code: code.clone(),
            address: found.address.to_string(),
            contributor: contributor.to_owned(),
            contributor_address: head.contributor.to_string(),
            generation: head.generation,
            sequence: head.sequence,
            location: location.to_owned(),
            device_type: head.device_type.as_str(),
            public_ip: found.account.public_ip().to_string(),
            agent: present(&head.agent).map(ToString::to_string),
            provisioning_status: head.provisioning_status.as_str(),
            drained: head.is_drained(),
            status_changed_at: rfc3339(head.status_changed_at),
            status_changed_slot: head.status_changed_slot,
            health: head.health.as_str(),
            health_reported_at: rfc3339(head.health_reported_at),
            health_reported_by: (head.health_reported_by != Role::None)
                .then(|| head.health_reported_by.as_str()),
            sessions: head.sessions,
            max_sessions: head.max_sessions,
            disk_keys: head.disk_keys,
            drain: DrainView::of(&found.account),
            holds: head.live_holds(now).map(HoldView::new).collect(),
            head: *head,
            now,
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
            deadline: rfc3339(drain.deadline),
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
