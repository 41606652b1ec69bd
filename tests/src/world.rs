use {
    crate::{invariant, svm_pair::SvmPair, Actor, Places, Record, Snapshot, PROGRAM},
    ebb_sdk::{
        event::{from_logs, Event},
        pda, EbbError,
    },
    litesvm::types::TransactionMetadata,
    solana_sdk::{
        account::Account,
        clock::Clock,
        instruction::{Instruction, InstructionError},
        message::Message,
        pubkey::Pubkey,
        signature::Keypair,
        transaction::{Transaction, TransactionError},
    },
    std::sync::LazyLock,
};

/// When a world begins, in Unix seconds.
pub const START: i64 = 1_767_225_600;
/// The slot in which a world begins.
pub const START_SLOT: u64 = 1_000;

/// What everyone has when a world begins, in lamports.
pub(crate) const FUNDS: u64 = 1_000_000_000_000;
/// Where ProgramData names the upgrade authority: after the tag and the slot.
const UPGRADE_AUTHORITY: usize = 12;

/// Why a transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The program refused it.
    Ebb(EbbError),
    /// The runtime or the system program did.
    Other(TransactionError),
}

impl From<TransactionError> for Refusal {
    fn from(error: TransactionError) -> Self {
        let number = match error {
            TransactionError::InstructionError(_, InstructionError::Custom(number)) => Some(number),
            _ => None,
        };
        match number.and_then(EbbError::from_number) {
            Some(error) => Self::Ebb(error),
            None => Self::Other(error),
        }
    }
}

/// The events of an accepted transaction, or why it was refused.
pub type Outcome = Result<Vec<Event>, Refusal>;

/// A ledger with the program installed and everyone funded.
#[derive(Clone)]
pub struct World {
    svm: SvmPair,
    /// The id under which the program is installed.
    pub program_id: Pubkey,
    /// Where the tests' accounts live.
    pub at: Places,
}

impl World {
    /// The program installed under its development id, and nothing initialised.
    pub fn bare() -> Self {
        Self::bare_at(ebb_sdk::ID)
    }

    /// The program installed under any id, and nothing initialised.
    pub fn bare_at(program_id: Pubkey) -> Self {
        let mut svm = SvmPair::new();
        for actor in Actor::ALL {
            svm.airdrop(&actor.key(), FUNDS);
        }
        let mut world = Self {
            svm,
            program_id,
            at: Places::under(&program_id),
        };
        world.install(program_id, PROGRAM);
        world.set_upgrade_authority(Some(Actor::Deployer.key()));
        world.set_clock(START_SLOT, START);
        world
    }

    /// A registry, two contributors, the first with an operator, and two locations.
    pub fn new() -> Self {
        static NEW: LazyLock<World> = LazyLock::new(|| {
            let mut world = World::bare().without_signature_checks();
            world.populate();
            world.svm = world.svm.with_sigverify(true);
            world
        });
        NEW.clone()
    }

    /// Adds to a bare world what [`World::new`] has.
    pub fn populate(&mut self) {
        let instructions = [
            self.initialize(),
            self.create_contributor(Places::CONTRIBUTOR, Actor::Contributor),
            self.create_contributor(Places::OTHER_CONTRIBUTOR, Actor::OtherContributor),
            self.create_location(Places::LOCATION, 0),
            self.create_location(Places::OTHER_LOCATION, 0),
            self.set_operator(Actor::Contributor, Some(Actor::Operator)),
        ];
        for instruction in instructions {
            self.must(instruction);
        }
    }

    /// The same world, many times faster: the runtime takes the message's word for who signed.
    pub fn without_signature_checks(self) -> Self {
        Self {
            svm: self.svm.with_sigverify(false),
            ..self
        }
    }

    /// Installs another program.
    pub fn install(&mut self, program_id: Pubkey, elf: &[u8]) {
        self.svm.add_program(program_id, elf);
    }

    /// Signs a transaction by everyone whom its instructions name as a signer.
    pub fn sign(&self, instructions: &[Instruction]) -> Transaction {
        let fee_payer = Actor::FeePayer.key();
        let blockhash = self.svm.latest_blockhash();
        if !self.svm.mainnet().get_sigverify() {
            let message = Message::new_with_blockhash(instructions, Some(&fee_payer), &blockhash);
            return Transaction::new_unsigned(message);
        }
        let mut keys = vec![fee_payer];
        for meta in instructions
            .iter()
            .flat_map(|instruction| &instruction.accounts)
        {
            if meta.is_signer && !keys.contains(&meta.pubkey) {
                keys.push(meta.pubkey);
            }
        }
        let signers: Vec<&Keypair> = keys
            .iter()
            .map(|key| Actor::of(key).expect("an actor signs").keypair())
            .collect();
        Transaction::new_signed_with_payer(instructions, Some(&fee_payer), &signers, blockhash)
    }

    /// Sends a transaction.
    ///
    /// # Panics
    /// If a refusal wrote to an account of the program, or an acceptance left accounts inconsistent
    /// or did not log one event, next in its subject's sequence, for each instruction.
    #[track_caller]
    pub fn submit(&mut self, transaction: &Transaction) -> Outcome {
        let before = self.snapshot();
        match self.svm.send(transaction) {
            Ok(accepted) => {
                let logs = accepted.logs.iter().map(String::as_str);
                let events = from_logs(&self.program_id, logs).expect("events decode");
                let events = events.whole().expect("the logs are whole");
                invariant::check(&self.snapshot());
                let calls = self.calls(transaction, &accepted);
                assert_eq!(events.len(), calls, "one event for each instruction");
                self.check_events(&events, &before);
                Ok(events)
            }
            Err(error) => {
                assert_eq!(self.snapshot(), before, "a refusal writes nothing");
                Err(error.into())
            }
        }
    }

    /// How often the program was called: by the transaction, or by programs in it.
    fn calls(&self, transaction: &Transaction, accepted: &TransactionMetadata) -> usize {
        let message = &transaction.message;
        let by_programs = accepted.inner_instructions.iter().flatten();
        message
            .instructions
            .iter()
            .chain(by_programs.map(|inner| &inner.instruction))
            .filter(|call| {
                message.account_keys[usize::from(call.program_id_index)] == self.program_id
            })
            .count()
    }

    #[track_caller]
    fn check_events(&self, events: &[Event], before: &Snapshot) {
        let clock = self.clock();
        for (index, event) in events.iter().enumerate() {
            assert_eq!((event.slot, event.time), (clock.slot, clock.unix_timestamp));
            let earlier = events[..index]
                .iter()
                .rfind(|earlier| earlier.subject == event.subject)
                .map(|earlier| earlier.sequence);
            let last = earlier.or_else(|| before.sequence(&event.subject));
            // An account that is closed and created anew in one transaction counts anew.
            assert!(
                event.sequence == last.unwrap_or(0) + 1 || event.sequence == 1,
                "no gap in the sequence"
            );
        }
    }

    /// Sends one instruction.
    #[track_caller]
    pub fn send(&mut self, instruction: Instruction) -> Outcome {
        self.submit(&self.sign(&[instruction]))
    }

    /// Sends one instruction that is accepted.
    #[track_caller]
    pub fn must(&mut self, instruction: Instruction) -> Event {
        match self.send(instruction) {
            Ok(events) => events[0],
            Err(refusal) => panic!("refused: {refusal:?}"),
        }
    }

    /// Sends one instruction that the program refuses.
    #[track_caller]
    pub fn refusal(&mut self, instruction: Instruction) -> EbbError {
        match self.send(instruction) {
            Err(Refusal::Ebb(error)) => error,
            other => panic!("not refused by the program: {other:?}"),
        }
    }

    /// Sends one instruction that the program answers.
    #[track_caller]
    pub fn answer(&mut self, instruction: Instruction) -> Result<Event, EbbError> {
        match self.send(instruction) {
            Ok(events) => Ok(events[0]),
            Err(Refusal::Ebb(error)) => Err(error),
            Err(Refusal::Other(error)) => panic!("the runtime refused: {error}"),
        }
    }

    /// The logs of a transaction, accepted or refused, that leaves no trace.
    pub fn simulate(&self, instructions: &[Instruction]) -> Vec<String> {
        match self
            .svm
            .mainnet()
            .simulate_transaction(self.sign(instructions))
        {
            Ok(accepted) => accepted.meta.logs,
            Err(failed) => failed.meta.logs,
        }
    }

    /// How an instruction fails, if it does, with mainnet's features and with every feature. It leaves no trace.
    pub fn failures(&self, instruction: Instruction) -> [Option<TransactionError>; 2] {
        self.svm.failures(&self.sign(&[instruction]))
    }

    /// Every account of the program.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.svm.mainnet(), &self.program_id)
    }

    /// An account of the program as a value.
    #[track_caller]
    pub fn get<R: Record>(&self, address: &Pubkey) -> R {
        let account = self.account(address).expect("the account is there");
        R::read(&account.data).expect("it decodes")
    }

    /// Any account.
    pub fn account(&self, address: &Pubkey) -> Option<Account> {
        self.svm.mainnet().get_account(address)
    }

    /// Puts any account anywhere, as only the tests of hostile and corrupt accounts do.
    pub fn put(&mut self, address: Pubkey, account: Account) {
        self.svm.set_account(address, &account);
    }

    /// The lamports at an address.
    pub fn lamports(&self, address: &Pubkey) -> u64 {
        self.svm.mainnet().get_balance(address).unwrap_or(0)
    }

    /// What an account of so many bytes needs.
    pub fn rent(&self, len: usize) -> u64 {
        self.svm.mainnet().minimum_balance_for_rent_exemption(len)
    }

    /// The ledger's clock.
    pub fn clock(&self) -> Clock {
        self.svm.mainnet().get_sysvar()
    }

    /// The ledger's time in Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock().unix_timestamp
    }

    /// Sets the clock.
    pub fn set_clock(&mut self, slot: u64, unix_timestamp: i64) {
        let clock = Clock {
            slot,
            unix_timestamp,
            ..self.clock()
        };
        self.svm.set_clock(&clock);
    }

    /// Lets time pass, two slots a second.
    pub fn pass(&mut self, seconds: u32) {
        let clock = self.clock();
        self.set_clock(
            clock.slot + 2 * u64::from(seconds),
            clock.unix_timestamp + i64::from(seconds),
        );
    }

    /// Names the program's upgrade authority in ProgramData, as the loader does on a deploy.
    pub fn set_upgrade_authority(&mut self, authority: Option<Pubkey>) {
        let address = pda::program_data(&self.program_id);
        let mut account = self.account(&address).expect("the program is installed");
        let key = authority.unwrap_or_default();
        account.data[UPGRADE_AUTHORITY] = authority.is_some().into();
        account.data[UPGRADE_AUTHORITY + 1..][..32].copy_from_slice(key.as_ref());
        self.put(address, account);
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
