//! A ledger that cannot always be read.

use {
    async_trait::async_trait,
    ebb_sdk::{
        embedded::EmbeddedLedger,
        ledger::{Filter, Ledger, LedgerError, Now, Receipt, Simulation, Visit},
        state::ACCOUNT_VERSION,
    },
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{account::Account, signer::Signer, transaction::VersionedTransaction},
    std::{
        ops::Deref,
        sync::{
            atomic::{AtomicUsize, Ordering},
            Mutex,
        },
    },
};

/// An embedded ledger that fails to read accounts when it is to, and has one that a newer version of the program wrote.
pub struct Unsteady {
    ledger: EmbeddedLedger,
    /// How many of the next readings fail.
    pub failures: AtomicUsize,
    /// Which account is of a newer version.
    pub newer: Mutex<Option<Pubkey>>,
}

impl Unsteady {
    pub fn new(ledger: EmbeddedLedger) -> Self {
        Self {
            ledger,
            failures: AtomicUsize::new(0),
            newer: Mutex::default(),
        }
    }

    fn version(&self, address: &Pubkey, account: &mut Account) {
        if *self.newer.lock().unwrap() == Some(*address) {
            account.data[1] = ACCOUNT_VERSION + 1;
        }
    }
}

impl Deref for Unsteady {
    type Target = EmbeddedLedger;

    fn deref(&self) -> &EmbeddedLedger {
        &self.ledger
    }
}

pub fn out_of_reach() -> LedgerError {
    LedgerError::Unreachable {
        url: "http://localhost:8899".into(),
        reason: "connection refused".into(),
    }
}

#[async_trait]
impl Ledger for Unsteady {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        let fails = self
            .failures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        if fails.is_ok() {
            return Err(out_of_reach());
        }
        let mut found = self.ledger.accounts(addresses).await?;
        for (address, account) in addresses.iter().zip(&mut found) {
            if let Some(account) = account {
                self.version(address, account);
            }
        }
        Ok(found)
    }

    async fn visit_program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        let mut visit = |address, mut account| {
            self.version(&address, &mut account);
            visit(address, account);
        };
        let ledger = &self.ledger;
        ledger
            .visit_program_accounts(program_id, filters, &mut visit)
            .await
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        self.ledger.genesis().await
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        self.ledger.now().await
    }

    async fn rent(&self, len: usize) -> Result<u64, LedgerError> {
        self.ledger.rent(len).await
    }

    async fn simulate(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        self.ledger.simulate(instructions, fee_payer).await
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.ledger.send(instructions, signers).await
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        self.ledger.latest_blockhash().await
    }

    async fn send_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        self.ledger.send_transaction(transaction).await
    }
}
