//! One event for each accepted mutation.

use {
    crate::sysvar::Now,
    ebb_sdk::{event::Event, EbbError},
    solana_program::log::sol_log_data,
};

/// Counts a mutation of an account and returns its number.
pub fn count(sequence: &mut u64) -> Result<u64, EbbError> {
    *sequence = sequence.checked_add(1).ok_or(EbbError::Overflow)?;
    Ok(*sequence)
}

/// Completes the event of an accepted mutation and logs it.
pub fn emit(event: &mut Event, sequence: u64, now: &Now) {
    event.sequence = sequence;
    event.slot = now.slot;
    event.time = now.time;
    sol_log_data(&[event.as_bytes()]);
}
