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

/// Logs the event of an accepted mutation.
pub fn emit(event: Event, sequence: u64, now: &Now) {
    let event = Event {
        sequence,
        slot: now.slot,
        time: now.time,
        ..event
    };
    sol_log_data(&[bytemuck::bytes_of(&event)]);
}
