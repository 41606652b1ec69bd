//! One process at a time.

use {
    super::error::StoreError,
    std::{
        fs::{File, TryLockError},
        path::Path,
        thread,
        time::{Duration, Instant},
    },
};

/// How long to wait for another process.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The store's lock; it is let go when this is dropped, also by the death of the process.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Locks `file` in the store at `store`.
    pub fn acquire(file: File, store: &Path) -> Result<Self, StoreError> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::io("lock", store)(error))
                }
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = started.elapsed();
            if waited >= PATIENCE {
                return Err(StoreError::Locked {
                    path: store.to_owned(),
                    waited,
                });
            }
            thread::sleep(pause);
            pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
        }
    }
}
