//! What the tests of the embedded ledger share.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod devices;
pub mod host;
pub mod life;

use {
    ebb_folder::{Access, Folder},
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::{Ledger, LedgerError, Receipt},
    },
    solana_program::{
        hash::{hash, Hash},
        pubkey::Pubkey,
    },
    solana_sdk::signer::Signer,
    solana_system_interface::instruction::transfer,
    std::{fs, future::Future, path::Path},
    tempfile::TempDir,
};

/// Lamports that an account without data can live on.
pub const LIVING: u64 = 1_000_000_000;

/// A folder that goes with the test, and that nobody else may write to whatever the umask.
pub fn folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().unwrap()
}

/// Makes a folder, if it is absent, that nobody else may write to whatever the umask.
pub fn create_dir(path: &Path) {
    Folder::new(path, Access::Private).create().unwrap();
}

pub fn open(dir: &Path) -> EmbeddedLedger {
    EmbeddedLedger::open(dir, EmbeddedOptions::default()).unwrap()
}

/// Sends lamports from the ledger's default key.
pub fn pay(ledger: &EmbeddedLedger, to: &Pubkey, lamports: u64) -> Result<Receipt, LedgerError> {
    let key = ledger.default_key();
    wait(ledger.send(&[transfer(&key.pubkey(), to, lamports)], &[&key]))
}

pub fn balance(ledger: &EmbeddedLedger, of: &Pubkey) -> u64 {
    let accounts = wait(ledger.accounts(&[*of])).unwrap();
    accounts[0].as_ref().map_or(0, |account| account.lamports)
}

pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// The names in a folder.
pub fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Numbers that seem random, and are the same for the same seed.
pub struct Dice(Hash);

impl Dice {
    pub fn new(seed: &str) -> Self {
        Self(hash(seed.as_bytes()))
    }

    /// The next number, less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = hash(self.0.as_ref());
        let bytes = self.0.as_ref()[..8].try_into().unwrap();
        u64::from_le_bytes(bytes) % end
    }
}
