use {
    super::{rfc3339, text},
    crate::{
        client::Keyed,
        role::Role,
        state::{present, Device, Health, Hold, ProvisioningStatus},
    },
    serde::{Deserialize, Serialize},
    std::borrow::Cow,
};

/// A device, its drain and its live holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceJson<'a> {
    /// Its code.
    pub code: Cow<'a, str>,
    /// The account's address.
    pub address: String,
    /// The owner's code.
    pub contributor: Cow<'a, str>,
    /// The owner's address.
    pub contributor_address: String,
    /// With the contributor, which registration of the code it is.
    pub generation: u64,
    /// Mutations of the account so far.
    pub sequence: u64,
    /// The location's code.
    pub location: Cow<'a, str>,
    /// What it does in the network.
    pub device_type: Cow<'static, str>,
    /// Its IPv4 address.
    pub public_ip: String,
    /// The key of the controller that runs for it.
    pub agent: Option<String>,
    /// Whether sessions are open and the agent, which reported its health last, has not for half an hour.
    pub agent_silent: bool,
    /// pending, activated, draining, retiring or retired.
    #[serde(with = "text")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub provisioning_status: ProvisioningStatus,
    /// Whether it is draining and has no session left.
    pub drained: bool,
    /// When the status changed last.
    pub status_changed_at: Option<String>,
    /// In which slot.
    pub status_changed_slot: u64,
    /// unknown, healthy, unhealthy or dead.
    #[serde(with = "text")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub health: Health,
    /// When health was last reported; dead, when it first was.
    pub health_reported_at: Option<String>,
    /// In which role.
    pub health_reported_by: Option<Cow<'static, str>>,
    /// Whether it is healthy as oracle or authority reported since the last change of status, address, location or agent:
    /// what the policy `require_healthy` asks for. A server of an older version leaves it out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub health_proven: bool,
    /// Sessions that are open.
    pub sessions: u32,
    /// Sessions it can have.
    pub max_sessions: u32,
    /// Disk keys registered for it.
    pub disk_keys: u32,
    /// When it was registered.
    pub created_at: Option<String>,
    /// Who paid the account's rent, and gets it back.
    pub payer: String,
    /// The running drain.
    pub drain: Option<DrainJson>,
    /// The holds that block now.
    pub holds: Vec<HoldJson>,
}

/// How a running drain started, its deadline and planned return, and who set reason and deadline last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrainJson {
    /// When it started.
    pub started_at: Option<String>,
    /// The key that started it.
    pub started_by: String,
    /// In which role.
    pub role: Cow<'static, str>,
    /// Why.
    pub reason: String,
    /// The key that set the reason last.
    pub reason_by: String,
    /// In which role.
    pub reason_role: Cow<'static, str>,
    /// From when sessions may be evicted.
    pub deadline: Option<String>,
    /// The key that set the deadline last.
    pub deadline_by: String,
    /// In which role.
    pub deadline_role: Cow<'static, str>,
    /// The planned return.
    pub until: Option<String>,
    /// Sessions that were open when it started.
    pub sessions_at_start: u32,
}

/// A hold that blocks now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldJson {
    /// Its number among the device's holds.
    pub id: u32,
    /// critical or pending-task.
    pub kind: Cow<'static, str>,
    /// The key that placed it.
    pub placed_by: String,
    /// In which role.
    pub role: Cow<'static, str>,
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
            code: code.into(),
            address: found.address.to_string(),
            contributor: contributor.into(),
            contributor_address: head.contributor.to_string(),
            generation: head.generation,
            sequence: head.sequence,
            location: location.into(),
            device_type: head.device_type.as_str().into(),
            public_ip: found.account.public_ip().to_string(),
            agent: present(&head.agent).map(ToString::to_string),
            agent_silent: head.is_agent_silent(now),
            provisioning_status: head.provisioning_status,
            drained: head.is_drained(),
            status_changed_at: rfc3339(head.status_changed_at),
            status_changed_slot: head.status_changed_slot,
            health: head.health,
            health_reported_at: rfc3339(head.health_reported_at),
            health_reported_by: (reporter != Role::None).then(|| reporter.as_str().into()),
            health_proven: head.is_health_proven(),
            sessions: head.sessions,
            max_sessions: head.max_sessions,
            disk_keys: head.disk_keys,
            created_at: rfc3339(head.created_at),
            payer: head.payer.to_string(),
            drain: DrainJson::of(&found.account),
            holds: head.live_holds(now).map(HoldJson::new).collect(),
        }
    }

    /// The same, for longer than what it was made of.
    pub fn into_owned(self) -> DeviceJson<'static> {
        DeviceJson {
            code: self.code.into_owned().into(),
            contributor: self.contributor.into_owned().into(),
            location: self.location.into_owned().into(),
            ..self
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
            role: drain.role.as_str().into(),
            reason: drain.reason.as_str().unwrap_or_default().to_owned(),
            reason_by: drain.reason_by.to_string(),
            reason_role: drain.reason_role.as_str().into(),
            deadline: rfc3339(drain.deadline),
            deadline_by: drain.deadline_by.to_string(),
            deadline_role: drain.deadline_role.as_str().into(),
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
            kind: hold.kind.as_str().into(),
            placed_by: hold.placed_by.to_string(),
            role: hold.role.as_str().into(),
            reason: hold.reason.as_str().unwrap_or_default().to_owned(),
            expires_at: rfc3339(hold.expires_at),
        }
    }
}
