//! What the program logs of each accepted mutation.
//!
//! Each accepted mutation emits exactly one [`Event`] through `sol_log_data`. The runtime keeps some
//! 10,000 bytes of a transaction's logs, and a sender can have other programs fill them first: events
//! are a hint of what happened, and accounts say what is. [`from_logs`] reports where logs were cut,
//! and a gap in [`Event::sequence`] of one subject shows what was missed.

#[cfg(not(target_os = "solana"))]
mod logs;

#[cfg(not(target_os = "solana"))]
pub use logs::{from_logs, Logged};

use {
    crate::{
        error::EbbError,
        role::Role,
        state::{AccountType, Health, HoldKind, ProvisioningStatus, Reason},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// The layout version of [`Event`].
pub const EVENT_VERSION: u8 = 1;

/// What happened. Each kind has the number of the instruction that emits it. Numbers are frozen;
/// new ones are appended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    CheckedBitPattern,
    NoUninit,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum EventKind {
    /// Subject: registry. Related: its authority.
    Initialized = 0,
    /// Subject: registry. From and to: `require_healthy`.
    PolicySet = 1,
    /// Subject: registry. Related: the health oracle.
    HealthOracleSet = 2,
    /// Subject: registry. Related: the nominee, zero for none.
    AuthorityNominated = 3,
    /// Subject: registry. Related: the new authority.
    AuthorityAccepted = 4,
    /// Subject: contributor. Related: its authority.
    ContributorCreated = 5,
    /// Subject: contributor. From and to: suspended.
    ContributorSuspended = 6,
    /// Subject: contributor. From and to: suspended.
    ContributorResumed = 7,
    /// Subject: contributor. Related: the operator, zero for none.
    OperatorSet = 8,
    /// Subject: contributor. Related: the nominee, zero for none.
    ContributorAuthorityNominated = 9,
    /// Subject: contributor. Related: the new authority.
    ContributorAuthorityAccepted = 10,
    /// Subject: location. To: the disruption budget.
    LocationCreated = 11,
    /// Subject: location. From and to: the disruption budget.
    BudgetSet = 12,
    /// Subject: device. To: `generation`. Related: the location. Detail: the contributor, which with
    /// the generation names the registration: another than the one before was removed.
    DeviceCreated = 13,
    /// Subject: device. From and to: `max_sessions`. Related: the location. Detail: its IPv4 address in
    /// network order, then zeros.
    DeviceUpdated = 14,
    /// Subject: device. From and to: provisioning status. Related: the location.
    DeviceActivated = 15,
    /// Subject: device. From and to: provisioning status. Related: the location.
    DrainStarted = 16,
    /// Subject: device. From and to: the deadline in Unix seconds, 0 for none.
    DrainUpdated = 17,
    /// Subject: device. From and to: provisioning status. Related: the location.
    DeviceUndrained = 18,
    /// Subject: device. From and to: provisioning status. Related: the location.
    DeviceRetired = 19,
    /// Subject: device. From: provisioning status; to: 0. Related: the location. Detail: who got the
    /// rent.
    DeviceRemoved = 20,
    /// Subject: device. Related: the new agent.
    AgentSet = 21,
    /// Subject: device. From and to: health.
    HealthReported = 22,
    /// Subject: device. From: the hold's id; to: when it expires, in Unix seconds.
    HoldPlaced = 23,
    /// Subject: device. From: the hold's id; to: 0. Related: who placed it. Where all that the actor
    /// may release were, from: 0; to: how many. Related: none.
    HoldReleased = 24,
    /// Subject: device. From and to: sessions. Related: the user.
    SessionOpened = 25,
    /// Subject: device. From and to: sessions. Related: the user.
    SessionClosed = 26,
    /// Subject: device. From and to: disk keys. Related: the disk key's account. Detail: the owner who
    /// consented, the device's agent or its contributor's authority.
    DiskKeyRegistered = 27,
    /// Subject: device. From and to: provisioning status. Related: the disk key's account.
    DiskKeyDestroyed = 28,
    /// Subject: device. Related: the new custodian.
    CustodianReassigned = 29,
}

impl EventKind {
    /// What kind of account the event's subject is.
    pub fn subject(self) -> AccountType {
        match self {
            Self::Initialized
            | Self::PolicySet
            | Self::HealthOracleSet
            | Self::AuthorityNominated
            | Self::AuthorityAccepted => AccountType::Registry,
            Self::ContributorCreated
            | Self::ContributorSuspended
            | Self::ContributorResumed
            | Self::OperatorSet
            | Self::ContributorAuthorityNominated
            | Self::ContributorAuthorityAccepted => AccountType::Contributor,
            Self::LocationCreated | Self::BudgetSet => AccountType::Location,
            _ => AccountType::Device,
        }
    }

    /// Whether events of this kind have an [`Event::detail`].
    pub fn has_detail(self) -> bool {
        matches!(
            self,
            Self::DeviceCreated
                | Self::DeviceUpdated
                | Self::DeviceRemoved
                | Self::DiskKeyRegistered
        )
    }
}

/// One accepted mutation.
///
/// Fixed-size and without padding, so the struct's own memory is its Borsh encoding. The program
/// logs it up to the reason's last byte, and the detail after it where the kind has one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// [`EVENT_VERSION`]
    pub version: u8,
    /// The role in which the actor signed.
    pub role: Role,
    /// The authority passed holds and budget by force.
    pub forced: bool,
    /// Zeros.
    pub reserved: [u8; 3],
    /// The kind of the hold that was placed or released.
    pub hold_kind: HoldKind,
    /// What `kind` says; for a change of status, the status it left.
    pub from: i64,
    /// What `kind` says; for a change of status, the status it entered.
    pub to: i64,
    /// The subject's `sequence` with this mutation counted.
    pub sequence: u64,
    /// The slot.
    pub slot: u64,
    /// Unix seconds.
    pub time: i64,
    /// The account whose `sequence` counts this.
    pub subject: Pubkey,
    /// Who signed.
    pub actor: Pubkey,
    /// What `kind` says; zero for nothing.
    pub related: Pubkey,
    /// The reason given, where there is one. The program logs its bytes and not the zeros after them.
    pub reason: Reason,
    /// Zeros, which are not logged.
    pub padding: [u8; 7],
    /// What `kind` says, of the kinds that have a detail: a key, or what fits a key's place.
    pub detail: [u8; 32],
}

impl Event {
    /// The length in bytes.
    pub const LEN: usize = core::mem::size_of::<Self>();

    /// An event of which only who did what to which account is known yet; the rest is zeros.
    #[inline(always)]
    pub fn new(kind: EventKind, subject: &Pubkey, actor: &Pubkey, role: Role) -> Self {
        Self {
            kind,
            version: EVENT_VERSION,
            role,
            forced: false,
            reserved: [0; 3],
            hold_kind: HoldKind::None,
            from: 0,
            to: 0,
            sequence: 0,
            slot: 0,
            time: 0,
            subject: *subject,
            actor: *actor,
            related: Pubkey::default(),
            reason: Reason::default(),
            padding: [0; 7],
            detail: [0; 32],
        }
    }

    /// The detail, if the kind has one. It is logged as a second field.
    pub fn logged_detail(&self) -> Option<&[u8]> {
        self.kind.has_detail().then_some(&self.detail)
    }

    /// All bytes that are logged.
    #[cfg(not(target_os = "solana"))]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.as_bytes(), self.logged_detail().unwrap_or_default()].concat()
    }

    /// The bytes that are logged of every kind: all up to the reason's last.
    pub fn as_bytes(&self) -> &[u8] {
        let bytes = bytemuck::bytes_of(self);
        bytes.get(..self.logged_len()).unwrap_or(bytes)
    }

    fn logged_len(&self) -> usize {
        core::mem::offset_of!(Self, reason)
            .saturating_add(1)
            .saturating_add(self.reason.len())
    }

    /// Reads an event's bytes.
    ///
    /// # Errors
    /// [`EbbError::UnsupportedVersion`] for a newer layout, [`EbbError::CorruptAccount`] for
    /// anything else that the program does not emit.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        match data {
            [_, EVENT_VERSION, ..] => {}
            [_, version, ..] if *version > EVENT_VERSION => {
                return Err(EbbError::UnsupportedVersion)
            }
            _ => return Err(EbbError::CorruptAccount),
        }
        let reason_at = core::mem::offset_of!(Self, reason);
        let reason_len = data.get(reason_at).ok_or(EbbError::CorruptAccount)?;
        let (logged, detail) = data
            .split_at_checked(
                reason_at
                    .saturating_add(1)
                    .saturating_add((*reason_len).into()),
            )
            .ok_or(EbbError::CorruptAccount)?;
        let mut bytes = [0; Self::LEN];
        bytes
            .get_mut(..logged.len())
            .ok_or(EbbError::CorruptAccount)?
            .copy_from_slice(logged);
        let mut event = Self::try_from_slice(&bytes).map_err(|_| EbbError::CorruptAccount)?;
        event.reason.decoded()?;
        if logged.len() != event.logged_len() {
            return Err(EbbError::CorruptAccount);
        }
        match (event.kind.has_detail(), detail) {
            (false, []) => Ok(event),
            (true, detail) => {
                event.detail = detail.try_into().map_err(|_| EbbError::CorruptAccount)?;
                Ok(event)
            }
            (false, _) => Err(EbbError::CorruptAccount),
        }
    }

    /// The statuses it left and entered, if it is a change of provisioning status.
    pub fn statuses(&self) -> Option<(ProvisioningStatus, ProvisioningStatus)> {
        match self.kind {
            EventKind::DeviceActivated
            | EventKind::DrainStarted
            | EventKind::DeviceUndrained
            | EventKind::DeviceRetired
            | EventKind::DiskKeyDestroyed => {}
            _ => return None,
        }
        let status = |number: i64| {
            ProvisioningStatus::ALL
                .into_iter()
                .find(|status| *status as i64 == number)
        };
        Some((status(self.from)?, status(self.to)?))
    }

    /// The healths before and after, if it is a report of health.
    pub fn healths(&self) -> Option<(Health, Health)> {
        if self.kind != EventKind::HealthReported {
            return None;
        }
        let health = |number: i64| {
            Health::ALL
                .into_iter()
                .find(|health| *health as i64 == number)
        };
        Some((health(self.from)?, health(self.to)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn event(subject: Pubkey) -> Event {
        Event {
            kind: EventKind::DrainStarted,
            version: EVENT_VERSION,
            role: Role::Contributor,
            forced: false,
            reserved: [0; 3],
            hold_kind: HoldKind::None,
            from: 1,
            to: 2,
            sequence: 7,
            slot: 8,
            time: 9,
            subject,
            actor: Pubkey::new_from_array([2; 32]),
            related: Pubkey::new_from_array([3; 32]),
            reason: Reason::new("rack power").unwrap(),
            padding: [0; 7],
            detail: [0; 32],
        }
    }

    #[test]
    fn memory_is_borsh() {
        let event = event(Pubkey::new_from_array([1; 32]));
        assert_eq!(bytemuck::bytes_of(&event), borsh::to_vec(&event).unwrap());
        assert_eq!(event.as_bytes().len(), 144 + 1 + 10);
        assert_eq!(Event::decode(event.as_bytes()), Ok(event));
        assert_eq!(
            Event::decode(bytemuck::bytes_of(&event)),
            Err(EbbError::CorruptAccount)
        );
        assert_eq!(event.to_bytes(), event.as_bytes());
        assert_eq!(
            event.statuses(),
            Some((ProvisioningStatus::Activated, ProvisioningStatus::Draining))
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = event(Pubkey::default()).as_bytes().to_vec();
        for len in 0..bytes.len() {
            assert!(Event::decode(&bytes[..len]).is_err(), "{len}");
        }
        let mut newer = bytes.clone();
        newer[1] = EVENT_VERSION + 1;
        assert_eq!(Event::decode(&newer), Err(EbbError::UnsupportedVersion));
        let mut unknown = bytes;
        unknown[0] = 200;
        assert_eq!(Event::decode(&unknown), Err(EbbError::CorruptAccount));
    }
}
