//! The chain's time.

use {
    ebb_sdk::EbbError, solana_program::program_error::ProgramError, solana_sdk_ids::sysvar::clock,
    solana_sysvar::get_sysvar,
};

/// The Clock's slot and time.
#[derive(Clone, Copy)]
pub struct Now {
    pub slot: u64,
    /// Unix seconds.
    pub time: i64,
}

/// The Clock's words: slot, the epoch's start, epoch, the leader schedule's epoch, time.
const CLOCK_WORDS: usize = 5;

impl Now {
    /// Reads the Clock as it lies in the sysvar. `Clock::get` decodes the sysvar's id from base58
    /// on each call, which costs more than a whole change of status.
    #[inline(always)]
    pub fn get() -> Result<Self, ProgramError> {
        let mut words = [0u64; CLOCK_WORDS];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        let len = bytes.len() as u64;
        get_sysvar(bytes, &clock::ID, 0, len)?;
        let [slot, _, _, _, time] = words;
        Ok(Self {
            slot,
            time: time as i64,
        })
    }

    /// The time so many seconds from now; 0 stays 0, which stands for none.
    pub fn after(&self, seconds: u32) -> Result<i64, EbbError> {
        if seconds == 0 {
            return Ok(0);
        }
        self.time
            .checked_add(i64::from(seconds))
            .ok_or(EbbError::Overflow)
    }
}
