use {
    super::Reason,
    crate::role::Role,
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// How a device's drain started, what it promises, and who set that last. All zeros outside Draining.
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
pub struct DrainRecord {
    /// The slot in which the drain started.
    pub started_slot: u64,
    /// When it started, in Unix seconds.
    pub started_at: i64,
    /// From when sessions may be evicted, in Unix seconds; 0 for never.
    pub deadline: i64,
    /// When the device is planned to be back, in Unix seconds; 0 for unknown.
    pub planned_return: i64,
    /// Sessions when it started.
    pub sessions_at_start: u32,
    /// The role in which it was started.
    pub role: Role,
    /// The role in which the reason was set last.
    pub reason_role: Role,
    /// The role in which the deadline was set last.
    pub deadline_role: Role,
    /// Why.
    pub reason: Reason,
    /// The key that started it.
    pub started_by: Pubkey,
    /// The key that set the reason last: the starter's until an update gives another reason.
    pub reason_by: Pubkey,
    /// The key that set the deadline last: the starter's until an update gives another deadline.
    pub deadline_by: Pubkey,
}
