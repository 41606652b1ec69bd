//! Times counted from the chain's Clock.

use {ebb_sdk::EbbError, pinocchio::sysvars::clock::Clock};

/// The Unix time that many seconds from now; 0 stays 0, which stands for none.
pub fn after(now: &Clock, seconds: u32) -> Result<i64, EbbError> {
    if seconds == 0 {
        return Ok(0);
    }
    now.unix_timestamp
        .checked_add(i64::from(seconds))
        .ok_or(EbbError::Overflow)
}
