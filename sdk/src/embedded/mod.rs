//! A ledger without a cluster: the compiled program on a real SVM in this process, its state in a
//! folder.
//!
//! ```text
//! EBB-LEDGER.txt      says what the folder is
//! keys/default.json   a key with lamports; the program's upgrade authority
//! state               the accounts, replaced as a whole by each mutation
//! journal             every accepted transaction, appended
//! clock               the last time that was given out
//! lock                held by whoever writes
//! ```
//!
//! Any number of processes may use one folder at a time. Each mutation locks it, takes up what
//! others wrote since, runs, and is on the disk when it returns; killed at any moment, a process
//! leaves the state before it or the one after. Reads take no lock and see the last complete state.
//! Transactions that are sent at the same time are written at once: all of them are there, or none.
//! One whose future is dropped before its answer may be there or not.
//!
//! Time on the ledger never goes back and never stands still, whatever the host's clock does: it is the host's time of
//! day plus [`EmbeddedInfo::offset`]. Where the host's clock went back, even after it had been ahead for one read only,
//! the offset is raised, and time goes on from the last that was given out. Where it went forward, it is followed.
//!
//! Files belong to the user, are regular, have one name and are writable for nobody else, and so are the folder and
//! `keys`; anything else in their place is an error and is left as it is. See [`ebb_folder`].
//!
//! Calls block their thread: a read for less than a millisecond, unless another process wrote and
//! the state must be read anew; a mutation for as long as the disk takes to sync three times, and
//! for the lock at most [`EmbeddedOptions::lock_timeout`].

mod accounts;
mod clock;
mod folder;
mod group;
mod history;
mod journal;
mod key;
mod ledger;
mod machine;
mod snapshot;

pub use crate::{elf::PROGRAM_ELF, ledger::EmbeddedError};
pub use {
    clock::{HostClock, SystemClock},
    journal::JournalEntry,
};

use {
    crate::ledger::{LedgerError, Now},
    clock::Reading,
    ebb_folder::Lock,
    folder::{Content, LedgerFolder, CLOCK, STATE},
    group::Outbox,
    history::History,
    machine::{Machine, GRANT},
    snapshot::Snapshot,
    solana_program::{hash::Hash, pubkey::Pubkey},
    solana_sdk::{
        signature::{Keypair, Signature},
        signer::Signer,
    },
    std::{
        borrow::Cow,
        path::{Path, PathBuf},
        sync::{Arc, Mutex, MutexGuard, PoisonError},
        time::Duration,
    },
};

/// How an embedded ledger is opened.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// The address the program runs at. By default [`crate::ID`].
    pub program_id: Pubkey,
    /// The program's compiled code. By default [`PROGRAM_ELF`].
    pub program: Cow<'static, [u8]>,
    /// How long a mutation waits for other processes. By default 10 s.
    pub lock_timeout: Duration,
    /// The host's clock, which the ledger's runs with. By default [`SystemClock`].
    pub clock: Arc<dyn HostClock>,
    /// Whether a ledger is made where there is none. By default it is.
    pub create: bool,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            program_id: crate::ID,
            program: Cow::Borrowed(PROGRAM_ELF),
            lock_timeout: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
            create: true,
        }
    }
}

/// What there is to say about an embedded ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedInfo {
    /// Its folder.
    pub dir: PathBuf,
    /// The address the program runs at.
    pub program_id: Pubkey,
    /// The default key: the program's upgrade authority.
    pub default_key: Pubkey,
    /// The slot and time it is now.
    pub now: Now,
    /// Seconds by which its clock runs ahead of the host's: it was advanced, or the host's went back.
    pub offset: i64,
    /// The blockhash to sign with; the next mutation takes another.
    pub blockhash: Hash,
    /// Accounts that the program owns.
    pub accounts: usize,
    /// Transactions accepted so far, airdrops not counted.
    pub transactions: u64,
    /// What its state and journal take on the disk, in bytes.
    pub bytes: u64,
}

/// A ledger in a folder. See the [module](self).
pub struct EmbeddedLedger {
    folder: LedgerFolder,
    options: EmbeddedOptions,
    default_key: Keypair,
    /// The state as this process read or wrote it last.
    snapshot: Mutex<Arc<Snapshot>>,
    /// What this process sends.
    outbox: Mutex<Outbox>,
    /// The journal as this process read it last.
    history: Mutex<History>,
}

impl EmbeddedLedger {
    /// Opens the ledger in `dir`, making it if the folder is absent or empty and
    /// [`EmbeddedOptions::create`] allows it.
    ///
    /// If the folder's program is not the one in `options`, it is replaced and every account is kept,
    /// as an upgrade would: a newer version of this crate takes up an older one's ledger.
    ///
    /// # Errors
    ///
    /// The folder holds something else, no ledger that may be made, or is damaged, was written by a
    /// newer version, is in use by another process for too long, or cannot be read or written. It is
    /// left as it is.
    pub fn open(dir: impl AsRef<Path>, options: EmbeddedOptions) -> Result<Self, EmbeddedError> {
        let folder = LedgerFolder::new(dir.as_ref());
        if !has_state(&folder)? {
            if !options.create {
                refuse_lost_state(&folder)?;
                return Err(EmbeddedError::Absent(folder.path().to_owned()));
            }
            create(&folder, &options)?;
        }
        let ledger = Self {
            default_key: key::read(&folder)?,
            snapshot: Mutex::new(Arc::new(Snapshot::read(&folder)?)),
            outbox: Mutex::default(),
            history: Mutex::default(),
            folder,
            options,
        };
        ledger.install_program()?;
        Ok(ledger)
    }

    /// Whether `dir` contains a ledger.
    #[must_use]
    pub fn exists(dir: impl AsRef<Path>) -> bool {
        has_state(&LedgerFolder::new(dir.as_ref())).unwrap_or(false)
    }

    /// Discards the ledger in `dir` and returns whether there was one. Removes only what this crate
    /// puts there; the lock file stays, as another process may be waiting for it.
    ///
    /// # Errors
    ///
    /// The folder holds something else, is in use by another process for longer than `timeout`, or
    /// cannot be written.
    pub fn reset(dir: impl AsRef<Path>, timeout: Duration) -> Result<bool, EmbeddedError> {
        let folder = LedgerFolder::new(dir.as_ref());
        if !contains_ledger(&folder)? {
            return Ok(false);
        }
        let lock = folder.lock(timeout)?;
        // Another process may have been faster.
        if !contains_ledger(&folder)? {
            return Ok(false);
        }
        folder.clear(&lock)?;
        Ok(true)
    }

    /// The ledger's folder.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// The address the program runs at.
    pub fn program_id(&self) -> Pubkey {
        self.options.program_id
    }

    /// The ledger's own key: it has lamports and is the program's upgrade authority.
    pub fn default_key(&self) -> Keypair {
        self.default_key.insecure_clone()
    }

    /// The file of the default key.
    pub fn default_key_path(&self) -> PathBuf {
        self.folder.default_key()
    }

    /// What there is to say about the ledger.
    pub fn info(&self) -> Result<EmbeddedInfo, EmbeddedError> {
        let snapshot = self.current()?;
        let reading = self.read_clock(&snapshot)?;
        let state_len = Snapshot::file_len(&self.folder)?;
        Ok(EmbeddedInfo {
            dir: self.dir().to_owned(),
            program_id: self.program_id(),
            default_key: self.default_key.pubkey(),
            now: snapshot.machine.at(reading),
            offset: reading.offset,
            blockhash: snapshot.machine.blockhash(),
            accounts: snapshot.machine.owned_by(&self.program_id()).count(),
            transactions: snapshot.transactions,
            bytes: state_len.saturating_add(snapshot.journal_len),
        })
    }

    /// Every accepted transaction, oldest first; airdrops are not among them.
    pub fn history(&self) -> Result<Vec<JournalEntry>, EmbeddedError> {
        journal::read(&self.folder, self.current()?.journal_len)
    }

    /// Gives an account lamports, which never run out in practice.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Failed`] if the account may not hold so few or so many.
    pub fn airdrop(&self, to: &Pubkey, lamports: u64) -> Result<Signature, LedgerError> {
        self.mutate(|snapshot| snapshot.machine.airdrop(to, lamports))
    }

    /// Sets the ledger's clock forward by so many seconds, for good, and returns what it is now.
    /// A deadline can so be passed without waiting for it.
    pub fn advance(&self, seconds: u64) -> Result<Now, EmbeddedError> {
        self.mutate(|snapshot| {
            snapshot.machine.skip(seconds);
            Ok(snapshot.machine.at(snapshot.machine.reading()))
        })
    }

    /// The default key of the ledger that is in the folder now.
    fn folder_key(&self) -> Result<Keypair, EmbeddedError> {
        key::read(&self.folder)
    }

    fn install_program(&self) -> Result<(), EmbeddedError> {
        let authority = self.default_key.pubkey();
        let EmbeddedOptions {
            program_id,
            program,
            ..
        } = &self.options;
        if self.current()?.machine.has(program_id, program, &authority) {
            return Ok(());
        }
        self.mutate(|snapshot| snapshot.machine.install(program_id, program, &authority))
    }

    /// The state as it is on the disk now.
    fn current(&self) -> Result<Arc<Snapshot>, EmbeddedError> {
        let mut snapshot = self.cached();
        if Snapshot::read_stamp(&self.folder)? != snapshot.stamp {
            *snapshot = Arc::new(Snapshot::read(&self.folder)?);
        }
        Ok(Arc::clone(&snapshot))
    }

    /// Changes the state and writes it. A change that fails leaves no trace.
    fn mutate<T, E: From<EmbeddedError>>(
        &self,
        change: impl FnOnce(&mut Snapshot) -> Result<T, E>,
    ) -> Result<T, E> {
        let _lock = self.lock()?;
        let mut next = Snapshot::clone(&*self.current()?);
        next.machine.set_reading(self.read_clock(&next)?);
        let value = change(&mut next)?;
        self.replace(next)?;
        Ok(value)
    }

    /// Writes a state in place of the one on the disk. Whoever calls it holds the lock.
    fn replace(&self, mut next: Snapshot) -> Result<(), EmbeddedError> {
        next.write(&self.folder)?;
        *self.cached() = Arc::new(next);
        Ok(())
    }

    /// What the ledger's clock says.
    fn read_clock(&self, snapshot: &Snapshot) -> Result<Reading, EmbeddedError> {
        let EmbeddedOptions {
            clock,
            lock_timeout,
            ..
        } = &self.options;
        clock::read(
            &self.folder,
            &**clock,
            snapshot.machine.reading(),
            *lock_timeout,
        )
    }

    fn lock(&self) -> Result<Lock, EmbeddedError> {
        // A folder that was removed must not come back as one with nothing but a lock.
        if !self.folder.is_ledger()? {
            return Err(EmbeddedError::Removed(self.dir().to_owned()));
        }
        self.folder.lock(self.options.lock_timeout)
    }

    /// A panic cannot leave the state half changed, as it is only ever replaced.
    fn cached(&self) -> MutexGuard<'_, Arc<Snapshot>> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for EmbeddedLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedLedger")
            .field("dir", &self.dir())
            .field("program_id", &self.program_id())
            .finish_non_exhaustive()
    }
}

/// Whether the folder is a ledger, complete or not. Fails if it contains something else.
fn contains_ledger(folder: &LedgerFolder) -> Result<bool, EmbeddedError> {
    match folder.content()? {
        Content::Ledger => Ok(true),
        Content::Nothing => Ok(false),
        Content::Other => Err(EmbeddedError::NotALedger(folder.path().to_owned())),
    }
}

/// Whether the folder is a ledger whose creation was completed.
fn has_state(folder: &LedgerFolder) -> Result<bool, EmbeddedError> {
    Ok(contains_ledger(folder)? && folder.has_state()?)
}

/// Fails if the folder without a state has the history of one.
fn refuse_lost_state(folder: &LedgerFolder) -> Result<(), EmbeddedError> {
    if journal::len(folder)? > journal::EMPTY_LEN {
        return Err(EmbeddedError::corrupt(
            &folder.files.path_of(STATE),
            "it is missing",
        ));
    }
    Ok(())
}

/// Makes a ledger, or completes one whose creation was interrupted.
fn create(folder: &LedgerFolder, options: &EmbeddedOptions) -> Result<(), EmbeddedError> {
    folder.create()?;
    let _lock = folder.lock(options.lock_timeout)?;
    // Another process may have been faster, or put its files there.
    if has_state(folder)? {
        return Ok(());
    }
    refuse_lost_state(folder)?;
    folder.mark()?;
    let key = key::read_or_create(folder)?.pubkey();
    journal::create(folder)?;
    // One that a reset left is another ledger's.
    folder.files.remove(CLOCK)?;
    let mut machine = Machine::genesis(Reading::first(&*options.clock));
    machine.install(&options.program_id, &options.program, &key)?;
    machine
        .airdrop(&key, GRANT)
        .map_err(|error| EmbeddedError::Key {
            path: folder.default_key(),
            problem: error.to_string(),
        })?;
    Snapshot::new(machine, journal::EMPTY_LEN).write(folder)
}
