//! The ledger that clients see.

use {
    super::EmbeddedLedger,
    crate::ledger::{
        Filter, Finality, Ledger, LedgerError, Now, Receipt, SignatureEntry, SignaturePage,
        Simulation, TransactionEntry, Visit,
    },
    async_trait::async_trait,
    solana_program::{
        hash::{hashv, Hash},
        instruction::Instruction,
        pubkey::Pubkey,
    },
    solana_sdk::{
        account::{Account, ReadableAccount},
        signature::Signature,
        signer::Signer,
        transaction::{TransactionError, VersionedTransaction},
    },
};

/// Signers that have no lamports are given some, so that a ledger can be used at once.
#[async_trait]
impl Ledger for EmbeddedLedger {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        let snapshot = self.current()?;
        let accounts = addresses
            .iter()
            .map(|address| snapshot.machine.account(address));
        Ok(accounts.collect())
    }

    async fn visit_program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        let snapshot = self.current()?;
        let now = snapshot.machine.at(self.read_clock(&snapshot)?);
        snapshot
            .machine
            .owned_by(program_id)
            .filter(|(_, account)| filters.iter().all(|filter| filter.matches(account.data())))
            .for_each(|(address, account)| visit(*address, account.clone().into()));
        Ok(now.slot)
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        // Read anew, as the ledger in the folder may be another one by now.
        let key = self.folder_key()?.pubkey();
        Ok(hashv(&[b"ebb embedded ledger", key.as_ref()]))
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        let snapshot = self.current()?;
        Ok(snapshot.machine.at(self.read_clock(&snapshot)?))
    }

    /// The state's header, which contains a hash of all accounts.
    async fn stamp(&self) -> Result<Option<Hash>, LedgerError> {
        Ok(Some(hashv(&[&self.current()?.stamp])))
    }

    async fn rent(&self, len: usize) -> Result<u64, LedgerError> {
        Ok(self.current()?.machine.rent(len))
    }

    async fn simulate(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        let snapshot = self.current()?;
        let mut machine = snapshot.machine.clone();
        machine.set_reading(self.read_clock(&snapshot)?);
        machine.simulate(&self.program_id(), instructions, fee_payer)
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.record(|machine| machine.execute(&self.program_id(), instructions, signers))
            .await
    }

    /// One that lives until the next mutation.
    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        Ok(self.current()?.machine.blockhash())
    }

    /// By itself, as the blockhash it was signed with ends with the transaction before it: with itself too, so one that
    /// ran before is in the journal.
    async fn send_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        let signature = transaction.signatures.first().copied().unwrap_or_default();
        let sent =
            self.record_alone(|machine| machine.execute_signed(&self.program_id(), transaction));
        match sent {
            Err(
                error @ LedgerError::Failed {
                    error: TransactionError::BlockhashNotFound,
                    ..
                },
            ) => self.journal_receipt(&signature)?.ok_or(error),
            sent => sent,
        }
    }

    async fn signatures(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        self.journal_signatures(address, page)
    }

    /// What is in the journal is final.
    async fn transaction(
        &self,
        signature: &Signature,
        _finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        Ok(self.journal_transaction(signature)?)
    }
}
