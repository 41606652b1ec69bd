//! Locks between processes.

use std::{
    fs::{File, TryLockError},
    io, thread,
    time::{Duration, Instant},
};

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A lock; it is released when this is dropped, also by the death of the process.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Locks a file; `None` if another process keeps it for longer than `timeout`.
    pub(crate) fn acquire(file: File, timeout: Duration) -> io::Result<Option<Self>> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { file })),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {}
            }
            let Some(left) = timeout.checked_sub(started.elapsed()) else {
                return Ok(None);
            };
            thread::sleep(pause.min(left));
            pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
        }
    }

    /// The locked file, open to read and write.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }
}
