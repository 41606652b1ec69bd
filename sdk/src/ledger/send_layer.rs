//! Ledgers that are another one, but for how transactions go to it.

use {
    super::{
        AccountWatcher, BlockEntry, Filter, Finality, Ledger, LedgerError, Now, ProgramFeed,
        Receipt, SignatureEntry, SignaturePage, Simulation, Submission, Traffic, TransactionEntry,
        Visit,
    },
    async_trait::async_trait,
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        account::Account, signature::Signature, signer::Signer, transaction::VersionedTransaction,
    },
};

/// A [`Ledger`] that is read as another one, and does something of its own with what is sent.
#[async_trait]
pub trait SendLayer: Send + Sync {
    /// The other one.
    fn ledger(&self) -> &dyn Ledger;

    /// What [`Ledger::submit`] does, and [`Ledger::send`] where the transaction is sent.
    async fn forward(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError>;

    /// What [`Ledger::send_transaction`] does; by default, what it does on the other one.
    async fn forward_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        self.ledger().send_transaction(transaction).await
    }
}

#[async_trait]
impl<T: SendLayer> Ledger for T {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        self.ledger().accounts(addresses).await
    }

    async fn visit_program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        let ledger = self.ledger();
        ledger
            .visit_program_accounts(program_id, filters, visit)
            .await
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        self.ledger().genesis().await
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        self.ledger().now().await
    }

    async fn newest_slot(&self) -> Result<Option<u64>, LedgerError> {
        self.ledger().newest_slot().await
    }

    async fn final_slot(&self) -> Result<u64, LedgerError> {
        self.ledger().final_slot().await
    }

    async fn catch_up(&self) -> Result<(), LedgerError> {
        self.ledger().catch_up().await
    }

    fn oldest_read(&self) -> Option<u64> {
        self.ledger().oldest_read()
    }

    fn traffic(&self) -> Traffic {
        self.ledger().traffic()
    }

    async fn rent(&self, len: usize) -> Result<u64, LedgerError> {
        self.ledger().rent(len).await
    }

    async fn simulate(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        self.ledger().simulate(instructions, fee_payer).await
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.forward(instructions, signers).await?.receipt()
    }

    async fn submit(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        self.forward(instructions, signers).await
    }

    async fn check_programs(&self, instructions: &[Instruction]) -> Result<(), LedgerError> {
        self.ledger().check_programs(instructions).await
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        self.ledger().latest_blockhash().await
    }

    async fn send_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        self.forward_transaction(transaction).await
    }

    async fn signatures(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        self.ledger().signatures(address, page).await
    }

    async fn transaction(
        &self,
        signature: &Signature,
        finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        self.ledger().transaction(signature, finality).await
    }

    async fn block_from(&self, slot: u64) -> Result<Option<BlockEntry>, LedgerError> {
        self.ledger().block_from(slot).await
    }

    fn watch(&self, addresses: &[Pubkey]) -> Box<dyn AccountWatcher> {
        self.ledger().watch(addresses)
    }

    fn watch_program(&self, program_id: &Pubkey) -> Box<dyn AccountWatcher> {
        self.ledger().watch_program(program_id)
    }

    fn follow_program(&self, program_id: &Pubkey) -> Box<dyn ProgramFeed> {
        self.ledger().follow_program(program_id)
    }
}
