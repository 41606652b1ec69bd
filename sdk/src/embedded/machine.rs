//! The SVM: how it starts, how its clock runs, and how transactions run on it.

use {
    super::{accounts, clock::Reading, journal::JournalEntry, EmbeddedError},
    crate::{
        ledger::{failed, instructions_of, payer, sign, LedgerError, Now, Sent, Simulation},
        pda,
    },
    litesvm::{types::FailedTransactionMetadata, LiteSVM},
    solana_loader_v3_interface::state::UpgradeableLoaderState,
    solana_message::{Message, VersionedMessage},
    solana_program::{
        clock::Clock, hash::Hash, instruction::Instruction, native_token::LAMPORTS_PER_SOL,
        pubkey::Pubkey,
    },
    solana_sdk::{
        account::{Account, AccountSharedData, ReadableAccount},
        signature::Signature,
        signer::Signer,
        transaction::VersionedTransaction,
    },
    solana_sdk_ids::{bpf_loader_upgradeable, sysvar},
};

/// Lamports that a signer without any gets: the rent of about 100,000 devices.
pub(super) const GRANT: u64 = 1_000 * LAMPORTS_PER_SOL;
/// Lamports in the account that grants and airdrops come from, about the supply of mainnet.
const TREASURY: u64 = 500_000_000 * LAMPORTS_PER_SOL;
/// Clusters aim at a slot every 400 ms.
const MILLISECONDS_PER_SLOT: u64 = 400;
const CLOCK_LEN: usize = 40;

/// The SVM, and what the ledger's clock says.
#[derive(Clone)]
pub(super) struct Machine {
    svm: LiteSVM,
    /// Where the SVM's clock is set before anything runs.
    reading: Reading,
}

/// What comes before a transaction runs, and its fee: the clock, the blockhash, and the lamports of those who sign and of
/// who grants them some.
struct Savepoint {
    /// Accounts as they were; one that was not there is empty.
    accounts: Vec<(Pubkey, Account)>,
    blockhash: Hash,
}

impl Machine {
    /// A machine without programs but the built-in ones.
    ///
    /// LiteSVM's default programs (tokens, memos, …) would make every snapshot 1.3 MB larger and
    /// every start 30 ms slower. Its transaction history is off for the same reason: the journal
    /// has it, and identical instructions differ by their blockhash.
    pub fn genesis(reading: Reading) -> Self {
        let svm = LiteSVM::default()
            .with_mainnet_features()
            .with_builtins()
            .with_lamports(TREASURY)
            .with_sysvars()
            .with_feature_accounts()
            .with_sigverify(true)
            .with_blockhash_check(true)
            .with_transaction_history(0)
            .with_log_bytes_limit(None);
        let mut machine = Self { svm, reading };
        machine.set_clock(Clock {
            unix_timestamp: reading.time,
            ..machine.clock()
        });
        machine
    }

    /// The machine in a snapshot's bytes, and those of its other accounts, whose clock was so far ahead of the host's.
    pub fn decode(bytes: &[u8], others: &[u8], offset: i64) -> Result<Self, String> {
        let mut svm = litesvm_persistence::from_bytes(bytes).map_err(|error| error.to_string())?;
        accounts::decode(others, &mut svm)?;
        // LiteSVM takes for granted that there is one.
        let clock = svm.get_account(&sysvar::clock::ID);
        if clock.is_none_or(|clock| clock.data.len() != CLOCK_LEN) {
            return Err("it has no clock".into());
        }
        let time = svm.get_sysvar::<Clock>().unix_timestamp;
        Ok(Self {
            svm,
            reading: Reading { offset, time },
        })
    }

    /// The machine as bytes, and those of the accounts that it can start without.
    pub fn encode(&self) -> Result<(Vec<u8>, Vec<u8>), String> {
        let mut svm = self.svm.clone();
        let others = accounts::take(&mut svm)?;
        let machine = litesvm_persistence::to_bytes(&svm).map_err(|error| error.to_string())?;
        Ok((machine, others))
    }

    /// What the clock said last.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// Takes up what the clock says now.
    pub fn set_reading(&mut self, reading: Reading) {
        self.reading = reading;
    }

    /// Puts a program at an address, as the upgradeable loader would, under an upgrade authority.
    pub fn install(
        &mut self,
        program_id: &Pubkey,
        elf: &[u8],
        authority: &Pubkey,
    ) -> Result<(), EmbeddedError> {
        let problem = |problem: String| EmbeddedError::Program {
            program_id: *program_id,
            problem,
        };
        let program_data = pda::program_data(program_id);
        let mut data = wincode::serialize(&UpgradeableLoaderState::ProgramData {
            slot: self.clock().slot,
            upgrade_authority_address: Some(*authority),
        })
        .map_err(|error| problem(error.to_string()))?;
        data.extend_from_slice(elf);
        let program = wincode::serialize(&UpgradeableLoaderState::Program {
            programdata_address: program_data,
        })
        .map_err(|error| problem(error.to_string()))?;
        // In this order: writing the program account makes LiteSVM load the code of the other.
        for (address, data, executable) in
            [(program_data, data, false), (*program_id, program, true)]
        {
            let account = Account {
                lamports: self.rent(data.len()),
                data,
                owner: bpf_loader_upgradeable::ID,
                executable,
                rent_epoch: u64::MAX,
            };
            self.svm
                .set_account(address, account)
                .map_err(|error| problem(error.to_string()))?;
        }
        Ok(())
    }

    /// Whether this very code is installed there under this authority.
    pub fn has(&self, program_id: &Pubkey, elf: &[u8], authority: &Pubkey) -> bool {
        let accounts = &self.svm.accounts_db().inner;
        let Some(program_data) = accounts.get(&pda::program_data(program_id)) else {
            return false;
        };
        let Some((state, code)) = program_data
            .data()
            .split_at_checked(UpgradeableLoaderState::size_of_programdata_metadata())
        else {
            return false;
        };
        let owned = matches!(
            wincode::deserialize(state),
            Ok(UpgradeableLoaderState::ProgramData { upgrade_authority_address: Some(owner), .. })
                if owner == *authority
        );
        owned && code == elf && accounts.contains_key(program_id)
    }

    /// An account.
    pub fn account(&self, address: &Pubkey) -> Option<Account> {
        self.svm.get_account(address)
    }

    /// The accounts that a program owns.
    pub fn owned_by<'a>(
        &'a self,
        program_id: &'a Pubkey,
    ) -> impl Iterator<Item = (&'a Pubkey, &'a AccountSharedData)> {
        let accounts = self.svm.accounts_db().inner.iter();
        accounts.filter(move |(_, account)| account.owner() == program_id)
    }

    /// Lamports that keep an account of `len` bytes.
    pub fn rent(&self, len: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(len)
    }

    /// The slot and time at a reading of the clock, if no transaction comes.
    pub fn at(&self, Reading { time, .. }: Reading) -> Now {
        let clock = self.clock();
        let slot = clock.slot.saturating_add(slots_in(time, &clock));
        Now { slot, time }
    }

    /// Sets the clock forward.
    pub fn skip(&mut self, seconds: u64) {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.reading = self.reading.advanced(seconds);
        self.tick();
    }

    /// Gives an account lamports.
    pub fn airdrop(&mut self, to: &Pubkey, lamports: u64) -> Result<Signature, LedgerError> {
        self.tick();
        self.give(to, lamports)
    }

    /// Runs a transaction. If it fails, the machine stays as it was, so that nobody needs a copy of all accounts.
    pub fn execute(
        &mut self,
        program_id: &Pubkey,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<JournalEntry, LedgerError> {
        let fee_payer = payer(signers)?;
        let before = self.savepoint(instructions, &fee_payer);
        let message = self.prepare(instructions, &fee_payer);
        let signed = message.and_then(|message| sign(message, signers));
        let executed = signed.and_then(|signed| self.run(signed, program_id, instructions));
        if executed.is_err() {
            self.restore(before)?;
        }
        executed
    }

    /// What a transaction that fails may have changed.
    fn savepoint(&self, instructions: &[Instruction], fee_payer: &Pubkey) -> Savepoint {
        let message = Message::new(instructions, Some(fee_payer));
        let signers = message.signer_keys().into_iter().copied();
        let addresses = [sysvar::clock::ID, sysvar::recent_blockhashes::ID];
        let addresses = addresses.into_iter().chain([self.svm.airdrop_pubkey()]);
        let account = |address| (address, self.account(&address).unwrap_or_default());
        Savepoint {
            accounts: addresses.chain(signers).map(account).collect(),
            blockhash: self.blockhash(),
        }
    }

    fn restore(&mut self, before: Savepoint) -> Result<(), LedgerError> {
        self.svm.set_latest_blockhash(before.blockhash);
        for (address, account) in before.accounts {
            let restored = self.svm.set_account(address, account);
            restored.map_err(|error| LedgerError::Other(error.to_string()))?;
        }
        Ok(())
    }

    /// Runs a transaction that was signed before, with the latest blockhash or with a nonce. If it fails, this machine is
    /// of no further use: the fee is gone.
    pub fn execute_signed(
        &mut self,
        program_id: &Pubkey,
        transaction: VersionedTransaction,
    ) -> Result<JournalEntry, LedgerError> {
        let instructions = instructions_of(&transaction.message);
        self.advance_clock();
        let keys = transaction.message.static_account_keys();
        self.fund(keys.iter().take(transaction.signatures.len()))?;
        let entry = self.run(transaction, program_id, &instructions)?;
        // The same transaction is not to run again.
        self.svm.expire_blockhash();
        Ok(entry)
    }

    fn run(
        &mut self,
        transaction: VersionedTransaction,
        program_id: &Pubkey,
        instructions: &[Instruction],
    ) -> Result<JournalEntry, LedgerError> {
        let message = transaction.message.clone();
        let run = self
            .svm
            .send_transaction(transaction)
            .map_err(|error| refused(error, program_id, instructions))?;
        let clock = self.clock();
        Ok(JournalEntry {
            slot: clock.slot,
            time: clock.unix_timestamp,
            signature: run.signature,
            message,
            logs: run.logs,
            compute_units: run.compute_units_consumed,
            fee: run.fee,
        })
    }

    /// The blockhash to sign with.
    pub fn blockhash(&self) -> Hash {
        self.svm.latest_blockhash()
    }

    /// What a transaction would do. It takes the machine, as the clock moves and signers may need
    /// lamports.
    pub fn simulate(
        mut self,
        program_id: &Pubkey,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        let message = self.prepare(instructions, fee_payer)?;
        let signatures = usize::from(message.header.num_required_signatures);
        let transaction = VersionedTransaction {
            signatures: vec![Signature::default(); signatures],
            message: VersionedMessage::Legacy(message),
        };
        let run = self
            .svm
            .with_sigverify(false)
            .simulate_transaction(transaction)
            .map_err(|error| refused(error, program_id, instructions))?;
        Ok(Simulation {
            compute_units: run.meta.compute_units_consumed,
            fee: run.meta.fee,
            logs: run.meta.logs,
        })
    }

    /// Brings clock, blockhash and the signers' lamports to where a transaction can run.
    fn prepare(
        &mut self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Message, LedgerError> {
        self.tick();
        let blockhash = self.svm.latest_blockhash();
        let message = Message::new_with_blockhash(instructions, Some(fee_payer), &blockhash);
        self.fund(message.signer_keys().into_iter())?;
        Ok(message)
    }

    fn fund<'a>(&mut self, signers: impl Iterator<Item = &'a Pubkey>) -> Result<(), LedgerError> {
        for signer in signers {
            if self.svm.get_balance(signer).unwrap_or_default() == 0 {
                self.give(signer, GRANT)?;
            }
        }
        Ok(())
    }

    fn give(&mut self, to: &Pubkey, lamports: u64) -> Result<Signature, LedgerError> {
        match self.svm.airdrop(to, lamports) {
            Ok(run) => Ok(run.signature),
            Err(FailedTransactionMetadata { err: error, meta }) => Err(LedgerError::Failed {
                error,
                logs: meta.logs,
            }),
        }
    }

    /// Goes on to a new slot and a new blockhash, at the time it is now.
    fn tick(&mut self) {
        self.advance_clock();
        self.svm.expire_blockhash();
    }

    fn advance_clock(&mut self) {
        let clock = self.clock();
        let unix_timestamp = self.reading.time;
        let slots = slots_in(unix_timestamp, &clock).max(1);
        self.set_clock(Clock {
            slot: clock.slot.saturating_add(slots),
            unix_timestamp,
            ..clock
        });
    }

    fn clock(&self) -> Clock {
        self.svm.get_sysvar()
    }

    fn set_clock(&mut self, clock: Clock) {
        self.svm.set_sysvar(&clock);
    }
}

/// Slots that a cluster would go through from the clock's last reading to `time`.
fn slots_in(time: i64, clock: &Clock) -> u64 {
    let seconds = u64::try_from(time.saturating_sub(clock.unix_timestamp)).unwrap_or_default();
    seconds.saturating_mul(1_000) / MILLISECONDS_PER_SLOT
}

fn refused(
    FailedTransactionMetadata { err, meta }: FailedTransactionMetadata,
    program_id: &Pubkey,
    instructions: &[Instruction],
) -> LedgerError {
    let sent = Sent {
        program_id,
        instructions,
        prelude: 0,
    };
    failed(err, meta.logs, sent)
}

#[cfg(test)]
mod tests;
