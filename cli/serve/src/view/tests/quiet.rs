//! A ledger on which nothing happens.

use {
    async_trait::async_trait,
    ebb_sdk::{
        client::Keyed,
        ledger::{AccountWatcher, Filter, Ledger, LedgerError, Now, Receipt, Simulation, Visit},
        state::Device,
    },
    solana_sdk::{
        account::Account, hash::Hash, instruction::Instruction, pubkey::Pubkey, signer::Signer,
        transaction::VersionedTransaction,
    },
    std::{
        sync::{
            atomic::{AtomicBool, Ordering},
            Mutex,
        },
        time::Duration,
    },
    tokio::time::Instant,
};

/// The ledger's time at its start, in Unix seconds.
pub const START: i64 = 1_000;

type OnReading = dyn Fn(usize) + Send + Sync;

/// A ledger of one device whose time is the runtime's. It says that it reports changes, and has none.
pub struct Quiet {
    device: Keyed<Device>,
    start: Instant,
    /// When it was read, from the start on.
    pub readings: Mutex<Vec<Duration>>,
    /// Whether it does not answer.
    pub is_away: AtomicBool,
    hangs: bool,
    is_connected: bool,
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
            is_connected: true,
            on_reading: Box::new(|_| ()),
        }
    }

    /// The same, which does something when a reading begins; it is given the number of those before.
    pub fn on_reading(self, on_reading: impl Fn(usize) + Send + Sync + 'static) -> Self {
        let on_reading = Box::new(on_reading);
        Self { on_reading, ..self }
    }

    /// The same, which reports no changes.
    pub fn disconnected(self) -> Self {
        Self {
            is_connected: false,
            ..self
        }
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

struct Silence {
    is_connected: bool,
}

#[async_trait]
impl AccountWatcher for Silence {
    async fn next(&mut self) {
        std::future::pending().await
    }

    fn is_connected(&self) -> bool {
        self.is_connected
    }
}

#[async_trait]
impl Ledger for Quiet {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        Ok(vec![None; addresses.len()])
    }

    async fn visit_program_accounts(
        &self,
        _: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<(), LedgerError> {
        let account = Account {
            data: borsh::to_vec(&self.device.account).unwrap(),
            ..Account::default()
        };
        if filters.iter().all(|filter| filter.matches(&account.data)) {
            visit(self.device.address, account);
        }
        Ok(())
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
        match self.is_away.load(Ordering::Relaxed) {
            true => self.absent(),
            false => Ok(Now {
                slot: 7,
                time: START + i64::try_from(elapsed.as_secs()).unwrap(),
            }),
        }
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

    fn watch_program(&self, _: &Pubkey) -> Box<dyn AccountWatcher> {
        Box::new(Silence {
            is_connected: self.is_connected,
        })
    }
}
