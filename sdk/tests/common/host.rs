//! A host whose clock is set at will.

use {
    super::{folder, pay, wait, LIVING},
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions, HostClock},
        ledger::Ledger,
    },
    solana_program::pubkey::Pubkey,
    std::{
        sync::{
            atomic::{AtomicI64, Ordering},
            Arc,
        },
        time::{Duration, SystemTime, UNIX_EPOCH},
    },
    tempfile::TempDir,
};

/// When every host's clock starts.
pub const START: i64 = 1_800_000_000;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;
pub const USER: Pubkey = Pubkey::new_from_array([8; 32]);

/// A host, whose clock is set at will, and a ledger on it.
pub struct Host {
    pub dir: TempDir,
    pub clock: Arc<SetClock>,
}

#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl HostClock for SetClock {
    fn now(&self) -> SystemTime {
        let seconds = self.0.load(Ordering::Relaxed);
        UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
    }
}

impl Host {
    /// With a ledger that was made at [`START`].
    pub fn new() -> Self {
        let host = Self {
            dir: folder(),
            clock: Arc::new(SetClock(AtomicI64::new(START))),
        };
        host.command();
        host
    }

    pub fn set(&self, time: i64) {
        self.clock.0.store(time, Ordering::Relaxed);
    }

    pub fn sleep(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The ledger as a command opens it, which shares nothing with others but the folder.
    pub fn command(&self) -> EmbeddedLedger {
        let options = EmbeddedOptions {
            clock: self.clock.clone(),
            ..EmbeddedOptions::default()
        };
        EmbeddedLedger::open(self.dir.path(), options).unwrap()
    }

    /// What a command finds the ledger's time to be.
    pub fn time(&self) -> i64 {
        wait(self.command().now()).unwrap().time
    }

    pub fn offset(&self) -> i64 {
        self.command().info().unwrap().offset
    }

    /// Sends lamports and returns the time on the chain then.
    pub fn pay(&self) -> i64 {
        let ledger = self.command();
        pay(&ledger, &USER, LIVING).unwrap();
        ledger.history().unwrap().last().unwrap().time
    }
}
