use {
    super::{
        end_of_account, read_string, AccountType, DeviceType, DrainRecord, Head, Health, Hold,
        HoldSlots, ProvisioningStatus, ACCOUNT_VERSION,
    },
    crate::{
        error::EbbError,
        role::Role,
        value::{MAX_CODE_LEN, MIN_DEAD_SECONDS},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
    std::net::Ipv4Addr,
};

/// The most disk keys a device carries.
pub const MAX_DISK_KEYS: u32 = 32;

/// How old the report of an agent may be that checks its device's health, in seconds: it renews it in half of that.
pub const AGENT_SILENT_AFTER: i64 = 30 * 60;

/// The fixed part of a [`Device`], which is all that a change of status reads and writes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct DeviceHead {
    /// [`AccountType::Device`]
    pub discriminator: AccountType,
    /// Layout version.
    pub version: u8,
    /// Where it stands in its life.
    pub provisioning_status: ProvisioningStatus,
    /// What was last reported.
    pub health: Health,
    /// The owner's address.
    pub contributor: Pubkey,
    /// The metro's address.
    pub location: Pubkey,
    /// Its IPv4 address, in network order.
    pub public_ip: [u8; 4],
    /// The most sessions it takes; at least one.
    pub max_sessions: u32,
    /// Sessions open now.
    pub sessions: u32,
    /// Disk keys registered and not destroyed.
    pub disk_keys: u32,
    /// The id of the next hold.
    pub next_hold_id: u32,
    /// The contributor's `registrations` at creation: contributor and generation name one registration.
    pub generation: u64,
    /// Accepted mutations of this account, its creation included.
    pub sequence: u64,
    /// The slot in which it was created.
    pub created_slot: u64,
    /// When it was created, in Unix seconds.
    pub created_at: i64,
    /// The slot of the last change of status.
    pub status_changed_slot: u64,
    /// When the status last changed, in Unix seconds.
    pub status_changed_at: i64,
    /// The `sequence` of the last change of status.
    pub status_changed_sequence: u64,
    /// The slot of the last report of health; 0 for none. Dead reported again keeps the first's.
    pub health_reported_slot: u64,
    /// When health was last reported, in Unix seconds; 0 for never. Dead reported again keeps the
    /// time of the first: since then it is dead.
    pub health_reported_at: i64,
    /// The `sequence` of the last report of health; 0 for none, or if address, location or agent
    /// changed since. Compared with `status_changed_sequence`, it orders the two even in one slot.
    pub health_reported_sequence: u64,
    /// The key of the controller that runs for the device; zero for none.
    pub agent: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
    /// The reporter's role.
    pub health_reported_by: Role,
    /// The PDA's bump.
    pub bump: u8,
    /// What it does in the network.
    pub device_type: DeviceType,
    /// Zeros.
    pub reserved: [u8; 5],
    /// The running drain.
    pub drain: DrainRecord,
    /// Slots for holds.
    pub holds: HoldSlots,
}

impl Head for DeviceHead {
    const TYPE: AccountType = AccountType::Device;
}

impl DeviceHead {
    /// Offset of `provisioning_status` in bytes, to filter on.
    pub const PROVISIONING_STATUS_OFFSET: usize = 2;
    /// Offset of `health` in bytes, to filter on.
    pub const HEALTH_OFFSET: usize = 3;
    /// Offset of `contributor` in bytes, to filter on.
    pub const CONTRIBUTOR_OFFSET: usize = 4;
    /// Offset of `location` in bytes, to filter on.
    pub const LOCATION_OFFSET: usize = 36;

    /// A Pending device as `CreateDevice` lays it down; what the instruction sets beyond these
    /// fields is zero.
    pub fn new(
        contributor: Pubkey,
        location: Pubkey,
        payer: Pubkey,
        generation: u64,
        bump: u8,
    ) -> Self {
        Self {
            discriminator: Self::TYPE,
            version: ACCOUNT_VERSION,
            provisioning_status: ProvisioningStatus::Pending,
            health: Health::Unknown,
            contributor,
            location,
            public_ip: [0; 4],
            max_sessions: 0,
            sessions: 0,
            disk_keys: 0,
            next_hold_id: 1,
            generation,
            sequence: 1,
            created_slot: 0,
            created_at: 0,
            status_changed_slot: 0,
            status_changed_at: 0,
            status_changed_sequence: 1,
            health_reported_slot: 0,
            health_reported_at: 0,
            health_reported_sequence: 0,
            agent: Pubkey::default(),
            payer,
            health_reported_by: Role::None,
            bump,
            device_type: DeviceType::Hybrid,
            reserved: [0; 5],
            drain: DrainRecord::default(),
            holds: HoldSlots::default(),
        }
    }

    /// Whether both were read of one registration of a code, which contributor and generation name.
    pub fn is_same_registration(&self, other: &Self) -> bool {
        self.contributor == other.contributor && self.generation == other.generation
    }

    /// Draining, and no session left. Derived, never stored.
    pub fn is_drained(&self) -> bool {
        self.provisioning_status == ProvisioningStatus::Draining && self.sessions == 0
    }

    /// Whether policy takes the device for proven healthy: healthy, reported by oracle or authority
    /// since the last change of status, address, location or agent.
    pub fn is_health_proven(&self) -> bool {
        self.health == Health::Healthy
            && matches!(
                self.health_reported_by,
                Role::HealthOracle | Role::Authority
            )
            && self.health_reported_sequence > self.status_changed_sequence
    }

    /// Voids the proof of health, as address, location or agent are others than those that were
    /// reported on. What was reported, when and by whom stays.
    pub fn void_health_proof(&mut self) {
        self.health_reported_sequence = 0;
    }

    /// Whether the last report of health was about another address, location or agent.
    pub fn is_health_proof_void(&self) -> bool {
        self.health_reported_by != Role::None && self.health_reported_sequence == 0
    }

    /// The holds that still block at `now` (Unix seconds), in the order of their slots.
    pub fn live_holds(&self, now: i64) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(move |hold| hold.is_live(now))
    }

    /// Whether the running drain's deadline has passed at `now` (Unix seconds).
    pub fn is_deadline_passed(&self, now: i64) -> bool {
        self.drain.deadline != 0 && self.drain.deadline <= now
    }

    /// Whether it has been reported dead long enough, at `now` (Unix seconds), for evictions and for
    /// its retirement by the authority.
    pub fn is_death_confirmed(&self, now: i64) -> bool {
        self.death_confirmed_at().is_some_and(|at| at <= now)
    }

    /// From when its death allows evictions, in Unix seconds, unless it is reported alive before.
    pub fn death_confirmed_at(&self) -> Option<i64> {
        (self.health == Health::Dead)
            .then(|| self.health_reported_at.saturating_add(MIN_DEAD_SECONDS))
    }

    /// From when its agent counts as silent, in Unix seconds, unless it reports before: sessions are open, and the agent was
    /// the last to report the health. Of an agent that reports no health nobody knows.
    pub fn agent_silent_at(&self) -> Option<i64> {
        (self.sessions > 0 && self.health_reported_by == Role::Agent)
            .then(|| self.health_reported_at.saturating_add(AGENT_SILENT_AFTER))
    }

    /// Whether its agent is silent at `now` (Unix seconds).
    pub fn is_agent_silent(&self, now: i64) -> bool {
        self.agent_silent_at().is_some_and(|at| at <= now)
    }

    /// Draining, and either the deadline passed with sessions left or the planned return passed.
    pub fn is_overdue(&self, now: i64) -> bool {
        self.provisioning_status == ProvisioningStatus::Draining
            && ((self.sessions > 0 && self.is_deadline_passed(now))
                || (self.drain.planned_return != 0 && self.drain.planned_return <= now))
    }
}

/// A network device or server that users connect to. PDA `["device", code]`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Device {
    /// The fixed part.
    pub head: DeviceHead,
    /// Unique by address.
    pub code: String,
}

impl Device {
    /// Reads an account's data.
    ///
    /// # Errors
    /// As [`Head::of`]; [`EbbError::CorruptAccount`] for a bad text or trailing bytes other than zeros.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        let head = DeviceHead::read(data)?;
        head.drain.reason.decoded()?;
        for hold in head.holds.iter() {
            hold.reason.decoded()?;
        }
        let mut tail = data.get(DeviceHead::LEN..).unwrap_or_default();
        let code = read_string(&mut tail, MAX_CODE_LEN)?;
        end_of_account(tail)?;
        Ok(Self { head, code })
    }

    /// Its IPv4 address.
    pub fn public_ip(&self) -> Ipv4Addr {
        self.head.public_ip.into()
    }
}

#[cfg(test)]
mod tests {
    use {super::*, core::mem::offset_of};

    #[test]
    fn an_agent_is_silent_whose_report_is_old_while_sessions_are_open() {
        let none = Pubkey::default();
        let mut head = DeviceHead::new(none, none, none, 1, 255);
        head.sessions = 1;
        head.health_reported_at = 1_000;
        head.health_reported_by = Role::Agent;
        assert!(!head.is_agent_silent(2_799));
        assert!(head.is_agent_silent(2_800));
        head.sessions = 0;
        assert!(!head.is_agent_silent(2_800));
        head.sessions = 1;
        for role in [Role::None, Role::HealthOracle, Role::Authority] {
            head.health_reported_by = role;
            assert!(!head.is_agent_silent(9_000));
        }
    }

    #[test]
    fn filterable_fields_are_where_clients_look() {
        assert_eq!(
            offset_of!(DeviceHead, provisioning_status),
            DeviceHead::PROVISIONING_STATUS_OFFSET
        );
        assert_eq!(offset_of!(DeviceHead, health), DeviceHead::HEALTH_OFFSET);
        assert_eq!(
            offset_of!(DeviceHead, contributor),
            DeviceHead::CONTRIBUTOR_OFFSET
        );
        assert_eq!(
            offset_of!(DeviceHead, location),
            DeviceHead::LOCATION_OFFSET
        );
    }
}
