//! The chain's time.

use {
    ebb_sdk::EbbError,
    solana_program::{clock::Clock, program_error::ProgramError, sysvar::Sysvar},
};

/// The Clock's slot and time.
#[derive(Clone, Copy)]
pub struct Now {
    pub slot: u64,
    /// Unix seconds.
    pub time: i64,
}

impl Now {
    pub fn get() -> Result<Self, ProgramError> {
        let clock = Clock::get()?;
        Ok(Self {
            slot: clock.slot,
            time: clock.unix_timestamp,
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
