//! One event for each accepted mutation.

use {
    ebb_sdk::{event::Event, EbbError},
    pinocchio::sysvars::clock::Clock,
    solana_program::log::sol_log_data,
};

/// Counts a mutation of an account and returns its number.
pub fn count(sequence: &mut u64) -> Result<u64, EbbError> {
    *sequence = sequence.checked_add(1).ok_or(EbbError::Overflow)?;
    Ok(*sequence)
}

/// Completes the event of an accepted mutation and logs it.
#[inline(always)]
pub fn emit(event: &mut Event, sequence: u64, now: &Clock) {
    event.sequence = sequence;
    event.slot = now.slot;
    event.time = now.unix_timestamp;
    match event.logged_detail() {
        None => sol_log_data(&[event.as_bytes()]),
        Some(detail) => sol_log_data(&[event.as_bytes(), detail]),
    }
}
