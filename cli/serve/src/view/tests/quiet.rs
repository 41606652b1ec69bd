//! A ledger on which nothing happens.

use {
    async_trait::async_trait,
    ebb_sdk::{
        client::Keyed,
        ledger::{
            Filter, Ledger, LedgerError, Now, ProgramFeed, ProgramUpdate, Receipt, Simulation,
            Visit,
        },
        pda,
        state::Device,
        ID,
    },
    solana_sdk::{
        account::Account, hash::Hash, instruction::Instruction, pubkey::Pubkey, signer::Signer,
        transaction::VersionedTransaction,
    },
    solana_sdk_ids::sysvar::clock,
    std::{
        sync::{
            atomic::{AtomicBool, AtomicUsize, Ordering},
            Mutex,
        },
        time::Duration,
    },
    tokio::{
        sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender},
        time::{sleep, Instant},
    },
};

/// The ledger's time at its start, in Unix seconds.
pub const START: i64 = 1_000;

/// Its slot.
const LISTED_AT: u64 = 7;

/// How long it takes to read accounts by their addresses.
const ROUND_TRIP: Duration = Duration::from_millis(10);

type OnReading = dyn Fn(usize) + Send + Sync;

/// A ledger of one device and no registry, whose time is the runtime's, and whose slot is 7.
pub struct Quiet {
    device: Keyed<Device>,
    /// The slot of accounts that are read by their addresses; `None` if they cannot be.
    pub looked_up_at: Option<u64>,
    /// What each of them contains; `None` if nothing is there.
    pub looked_up: Option<Vec<u8>>,
    /// Its stamp.
    pub stamp: Mutex<Option<Hash>>,
    /// How many lists of accounts were read.
    pub lists: AtomicUsize,
    /// How often accounts were read by their addresses.
    pub lookups: AtomicUsize,
    updates: Mutex<Option<UnboundedReceiver<ProgramUpdate>>>,
    start: Instant,
    /// When it was read, from the start on.
    pub readings: Mutex<Vec<Duration>>,
    /// Whether it does not answer.
    pub is_away: AtomicBool,
    hangs: bool,
    on_reading: Box<OnReading>,
}

impl Quiet {
    /// A ledger with this device.
    pub fn new(device: Keyed<Device>) -> Self {
        Self {
            device,
            start: Instant::now(),
            readings: Mutex::default(),
            is_away: AtomicBool::new(false),
            hangs: false,
            looked_up_at: None,
            looked_up: None,
            stamp: Mutex::default(),
            lists: AtomicUsize::new(0),
            lookups: AtomicUsize::new(0),
            updates: Mutex::default(),
            on_reading: Box::new(|_| ()),
        }
    }

    /// The same, which does something when a reading begins; it is given the number of those before.
    pub fn on_reading(self, on_reading: impl Fn(usize) + Send + Sync + 'static) -> Self {
        let on_reading = Box::new(on_reading);
        Self { on_reading, ..self }
    }

    /// The same, which reports what is sent.
    pub fn reporting(self) -> (Self, UnboundedSender<ProgramUpdate>) {
        let (sender, updates) = unbounded_channel();
        let updates = Mutex::new(Some(updates));
        (Self { updates, ..self }, sender)
    }

    /// The same, of which a reading never ends.
    pub fn hanging(self) -> Self {
        Self {
            hangs: true,
            ..self
        }
    }

    fn absent<T>(&self) -> Result<T, LedgerError> {
        Err(LedgerError::Other("there is none".to_owned()))
    }
}

fn account(data: Vec<u8>) -> Account {
    Account {
        lamports: 1,
        data,
        owner: ID,
        ..Account::default()
    }
}

struct Reports(Option<UnboundedReceiver<ProgramUpdate>>);

#[async_trait]
impl ProgramFeed for Reports {
    async fn next(&mut self) -> ProgramUpdate {
        let update = match &mut self.0 {
            Some(updates) => updates.recv().await,
            None => None,
        };
        match update {
            Some(update) => update,
            None => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Ledger for Quiet {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        if addresses == [clock::ID, pda::registry(&ID).0] {
            return Ok(vec![Some(account(LISTED_AT.to_le_bytes().to_vec())), None]);
        }
        let slot = self.looked_up_at.ok_or(()).or_else(|()| self.absent())?;
        self.lookups.fetch_add(1, Ordering::Relaxed);
        sleep(ROUND_TRIP).await;
        let found = addresses.iter().map(|address| {
            if *address == clock::ID {
                Some(account(slot.to_le_bytes().to_vec()))
            } else {
                self.looked_up.clone().map(account)
            }
        });
        Ok(found.collect())
    }

    async fn visit_program_accounts(
        &self,
        _: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        self.lists.fetch_add(1, Ordering::Relaxed);
        let account = Account {
            data: borsh::to_vec(&self.device.account).unwrap(),
            ..Account::default()
        };
        if filters.iter().all(|filter| filter.matches(&account.data)) {
            visit(self.device.address, account);
        }
        Ok(LISTED_AT)
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        let elapsed = self.start.elapsed();
        let before = {
            let mut readings = self.readings.lock().unwrap();
            readings.push(elapsed);
            readings.len() - 1
        };
        (self.on_reading)(before);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        if self.is_away.load(Ordering::Relaxed) {
            return self.absent();
        }
        Ok(Now {
            slot: LISTED_AT,
            time: START + i64::try_from(elapsed.as_secs()).unwrap(),
        })
    }

    async fn stamp(&self) -> Result<Option<Hash>, LedgerError> {
        Ok(*self.stamp.lock().unwrap())
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        Ok(Hash::default())
    }

    async fn rent(&self, _: usize) -> Result<u64, LedgerError> {
        self.absent()
    }

    async fn simulate(&self, _: &[Instruction], _: &Pubkey) -> Result<Simulation, LedgerError> {
        self.absent()
    }

    async fn send(
        &self,
        _: &[Instruction],
        _: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.absent()
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        self.absent()
    }

    async fn send_transaction(&self, _: VersionedTransaction) -> Result<Receipt, LedgerError> {
        self.absent()
    }

    fn follow_program(&self, _: &Pubkey) -> Box<dyn ProgramFeed> {
        Box::new(Reports(self.updates.lock().unwrap().take()))
    }
}
