use {
    super::Reason,
    crate::role::Role,
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// What was recorded when a device's drain started. All zeros outside Draining.
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
    /// Why.
    pub reason: Reason,
    /// Zeros.
    pub reserved: [u8; 2],
    /// The key that started it.
    pub started_by: Pubkey,
}
