use {
    super::rfc3339,
    crate::{
        client::Keyed,
        role::Role,
        state::{present, Device, DeviceHead, Hold, ProvisioningStatus},
    },
    serde::Serialize,
};

/// How old the report of an agent may be that checks its device's health, in seconds: it renews it in half of that.
pub const AGENT_SILENT_AFTER: i64 = 30 * 60;

/// Whether sessions are open and the agent, which reported the device's health last, has not for half an hour at `now` (Unix
/// seconds). Of an agent that reports no health nobody knows.
pub fn is_agent_silent(device: &DeviceHead, now: i64) -> bool {
    let age = now.saturating_sub(device.health_reported_at);
    device.sessions > 0 && device.health_reported_by == Role::Agent && age >= AGENT_SILENT_AFTER
}

/// A device, its drain and its live holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceJson<'a> {
    /// Its code.
    pub code: &'a str,
    /// The account's address.
    pub address: String,
    /// The owner's code.
    pub contributor: &'a str,
    /// The owner's address.
    pub contributor_address: String,
    /// With the contributor, which registration of the code it is.
    pub generation: u64,
    /// Mutations of the account so far.
    pub sequence: u64,
    /// The location's code.
    pub location: &'a str,
    /// What it does in the network.
    pub device_type: &'static str,
    /// Its IPv4 address.
    pub public_ip: String,
    /// The key of the controller that runs for it.
    pub agent: Option<String>,
    /// Whether sessions are open and the agent, which reported its health last, has not for half an hour.
    pub agent_silent: bool,
    /// pending, activated, draining, retiring or retired.
    pub provisioning_status: &'static str,
    /// Whether it is draining and has no session left.
    pub drained: bool,
    /// When the status changed last.
    pub status_changed_at: Option<String>,
    /// In which slot.
    pub status_changed_slot: u64,
    /// unknown, healthy, unhealthy or dead.
    pub health: &'static str,
    /// When health was last reported; dead, when it first was.
    pub health_reported_at: Option<String>,
    /// In which role.
    pub health_reported_by: Option<&'static str>,
    /// Sessions that are open.
    pub sessions: u32,
    /// Sessions it can have.
    pub max_sessions: u32,
    /// Disk keys registered for it.
    pub disk_keys: u32,
    /// The running drain.
    pub drain: Option<DrainJson>,
    /// The holds that block now.
    pub holds: Vec<HoldJson>,
}

/// How a running drain started, its deadline and planned return, and who set reason and deadline last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrainJson {
    /// When it started.
    pub started_at: Option<String>,
    /// The key that started it.
    pub started_by: String,
    /// In which role.
    pub role: &'static str,
    /// Why.
    pub reason: String,
    /// The key that set the reason last.
    pub reason_by: String,
    /// In which role.
    pub reason_role: &'static str,
    /// From when sessions may be evicted.
    pub deadline: Option<String>,
    /// The key that set the deadline last.
    pub deadline_by: String,
    /// In which role.
    pub deadline_role: &'static str,
    /// The planned return.
    pub until: Option<String>,
    /// Sessions that were open when it started.
    pub sessions_at_start: u32,
}

/// A hold that blocks now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldJson {
    /// Its number among the device's holds.
    pub id: u32,
    /// critical or pending-task.
    pub kind: &'static str,
    /// The key that placed it.
    pub placed_by: String,
    /// In which role.
    pub role: &'static str,
    /// Why.
    pub reason: String,
    /// When it ends by itself.
    pub expires_at: Option<String>,
}

impl<'a> DeviceJson<'a> {
    /// `contributor` and `location` are the codes of those the device names; `now`, in Unix seconds, separates live holds
    /// from expired ones.
    pub fn new(
        found: &'a Keyed<Device>,
        contributor: &'a str,
        location: &'a str,
        now: i64,
    ) -> Self {
        let Device { head, code } = &found.account;
        let reporter = head.health_reported_by;
        Self {
            code,
            address: found.address.to_string(),
            contributor,
            contributor_address: head.contributor.to_string(),
            generation: head.generation,
            sequence: head.sequence,
            location,
            device_type: head.device_type.as_str(),
            public_ip: found.account.public_ip().to_string(),
            agent: present(&head.agent).map(ToString::to_string),
            agent_silent: is_agent_silent(head, now),
            provisioning_status: head.provisioning_status.as_str(),
            drained: head.is_drained(),
            status_changed_at: rfc3339(head.status_changed_at),
            status_changed_slot: head.status_changed_slot,
            health: head.health.as_str(),
            health_reported_at: rfc3339(head.health_reported_at),
            health_reported_by: (reporter != Role::None).then(|| reporter.as_str()),
            sessions: head.sessions,
            max_sessions: head.max_sessions,
            disk_keys: head.disk_keys,
            drain: DrainJson::of(&found.account),
            holds: head.live_holds(now).map(HoldJson::new).collect(),
        }
    }
}

impl DrainJson {
    /// The drain of a device, if one is running.
    pub fn of(device: &Device) -> Option<Self> {
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

impl HoldJson {
    /// A hold.
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

#[cfg(test)]
mod tests {
    use {super::*, solana_program::pubkey::Pubkey};

    #[test]
    fn an_agent_is_silent_whose_report_is_old_while_sessions_are_open() {
        let none = Pubkey::default();
        let mut head = DeviceHead::new(none, none, none, 1, 255);
        head.sessions = 1;
        head.health_reported_at = 1_000;
        head.health_reported_by = Role::Agent;
        assert!(!is_agent_silent(&head, 2_799));
        assert!(is_agent_silent(&head, 2_800));
        head.sessions = 0;
        assert!(!is_agent_silent(&head, 2_800));
        head.sessions = 1;
        for role in [Role::None, Role::HealthOracle, Role::Authority] {
            head.health_reported_by = role;
            assert!(!is_agent_silent(&head, 9_000));
        }
    }
}
