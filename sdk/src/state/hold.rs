use {
    super::HoldReason,
    crate::role::Role,
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    core::ops::{Deref, DerefMut},
    solana_program::pubkey::Pubkey,
};

/// The most holds a device carries.
pub const MAX_HOLDS: usize = 8;
/// The most live holds that a device's agent has on it.
pub const MAX_AGENT_HOLDS: usize = 2;
/// The most live holds that the authority has on a device.
pub const MAX_AUTHORITY_HOLDS: usize = 2;

/// What a hold blocks.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
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
pub enum HoldKind {
    /// No hold: the slot is empty.
    #[default]
    None = 0,
    /// Traffic that must not be disturbed: blocks the start of a drain.
    CriticalTraffic = 1,
    /// Logs to archive, data to back up: blocks the start of a drain, and retirement.
    PendingTask = 2,
}

impl HoldKind {
    /// Every kind that can be placed.
    pub const ALL: [Self; 2] = [Self::CriticalTraffic, Self::PendingTask];

    /// The kind as JSON and tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CriticalTraffic => "critical-traffic",
            Self::PendingTask => "pending-task",
        }
    }
}

/// A dated claim that a device carries critical traffic or has a pending task. Kind
/// [`HoldKind::None`] is an empty slot.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    CheckedBitPattern,
    NoUninit,
)]
#[repr(C)]
pub struct Hold {
    /// From when it is ignored, in Unix seconds.
    pub expires_at: i64,
    /// Unique on its device, never reused.
    pub id: u32,
    /// What it blocks.
    pub kind: HoldKind,
    /// The placer's role.
    pub role: Role,
    /// Why.
    pub reason: HoldReason,
    /// Zeros.
    pub reserved: u8,
    /// The key that placed it.
    pub placed_by: Pubkey,
}

impl Hold {
    /// Whether it still blocks at `now` (Unix seconds).
    pub fn is_live(&self, now: i64) -> bool {
        self.kind != HoldKind::None && self.expires_at > now
    }
}

/// A device's slots for holds, filled or empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[repr(transparent)]
pub struct HoldSlots(pub [Hold; MAX_HOLDS]);

impl Deref for HoldSlots {
    type Target = [Hold; MAX_HOLDS];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for HoldSlots {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// A hold's size in words of eight bytes.
const HOLD_WORDS: usize = core::mem::size_of::<Hold>() / core::mem::size_of::<u64>();

// SAFETY: an array of a type without uninitialised bytes has none, and the newtype is transparent.
// bytemuck derives this for structs, not for arrays of types that are not plain data.
unsafe impl NoUninit for HoldSlots {}

// SAFETY: `Bits` has the size and the alignment of the array (checked when `HoldBits` is borrowed
// from its words), and the pattern is valid if it is valid for each hold.
unsafe impl CheckedBitPattern for HoldSlots {
    type Bits = [[u64; HOLD_WORDS]; MAX_HOLDS];

    fn is_valid_bit_pattern(bits: &Self::Bits) -> bool {
        bits.iter()
            .all(|words| Hold::is_valid_bit_pattern(bytemuck::cast_ref(words)))
    }
}
