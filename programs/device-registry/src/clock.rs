//! Times counted from the chain's Clock.

use {ebb_sdk::EbbError, pinocchio::sysvars::clock::Clock};

/// The Unix time that many seconds from now; 0 stays 0, which stands for none.
pub fn after(now: &Clock, seconds: u32) -> Result<i64, EbbError> {
    if seconds == 0 {
        return Ok(0);
    }
    let seconds = i64::from(seconds);
    // Compared with the last time that has so many seconds after it, as the overflow of a signed sum takes longer to see.
    if now.unix_timestamp > i64::MAX.saturating_sub(seconds) {
        return Err(EbbError::Overflow);
    }
    Ok(now.unix_timestamp.wrapping_add(seconds))
}
