//! A ledger that remembers what to measure, and who is on it.

use {
    ebb_sdk::{elf::PROGRAM_ELF, pda, EbbError},
    mollusk_svm::{program, result::ProgramResult, Mollusk},
    mollusk_svm_bencher::MolluskComputeUnitBencher,
    solana_sdk::{account::Account, instruction::Instruction, pubkey::Pubkey},
    std::collections::HashMap,
};

/// Under this id every address that is measured has the bump 255: each further try costs 1,500.
pub const ID: Pubkey = Pubkey::new_from_array([17; 32]);
pub const CONTRIBUTOR: &str = "co02";
pub const LOCATION: &str = "ams";
pub const ELSEWHERE: &str = "fra";
pub const DEVICE: &str = "ams-dz001";
pub const USER: Pubkey = Pubkey::new_from_array([21; 32]);
pub const PATH: &str = "/dev/sda";

const LOADER: Pubkey = solana_sdk::pubkey!("BPFLoaderUpgradeab1e11111111111111111111111");

pub const AUTHORITY: Pubkey = Pubkey::new_from_array([1; 32]);
pub const PAYER: Pubkey = Pubkey::new_from_array([2; 32]);
pub const ORACLE: Pubkey = Pubkey::new_from_array([3; 32]);
pub const OWNER: Pubkey = Pubkey::new_from_array([4; 32]);
pub const OPERATOR: Pubkey = Pubkey::new_from_array([5; 32]);
pub const AGENT: Pubkey = Pubkey::new_from_array([6; 32]);
pub const CUSTODIAN: Pubkey = Pubkey::new_from_array([7; 32]);

pub fn key(seed: u8) -> Pubkey {
    Pubkey::new_from_array([seed; 32])
}

/// The accounts of the program.
pub struct Places {
    pub registry: Pubkey,
    pub contributor: Pubkey,
    pub location: Pubkey,
    pub elsewhere: Pubkey,
    pub device: Pubkey,
}

impl Places {
    pub fn new() -> Self {
        let device = first_try(pda::device(&ID, DEVICE));
        first_try(pda::session(&ID, &device, &USER));
        first_try(pda::disk_key(&ID, &device, PATH));
        Self {
            registry: first_try(pda::registry(&ID)),
            contributor: first_try(pda::contributor(&ID, CONTRIBUTOR)),
            location: first_try(pda::location(&ID, LOCATION)),
            elsewhere: first_try(pda::location(&ID, ELSEWHERE)),
            device,
        }
    }
}

/// An address that is found at once.
fn first_try((address, bump): (Pubkey, u8)) -> Pubkey {
    assert_eq!(bump, u8::MAX, "{address}");
    address
}

/// An instruction under its name, with the accounts as they were before it.
type Measured = (&'static str, Instruction, Vec<(Pubkey, Account)>);

pub struct Chain {
    mollusk: Mollusk,
    accounts: HashMap<Pubkey, Account>,
    measured: Vec<Measured>,
}

impl Chain {
    pub fn new() -> Self {
        let mut mollusk = Mollusk::default();
        mollusk.add_program_with_loader_and_elf(&ID, &LOADER, PROGRAM_ELF);
        mollusk.sysvars.clock.unix_timestamp = 1_750_000_000;
        mollusk.sysvars.clock.slot = 1_000;
        let mut program_data = vec![3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        program_data.extend_from_slice(AUTHORITY.as_ref());
        let accounts = HashMap::from([
            program::keyed_account_for_system_program(),
            (ID, program::create_program_account_loader_v3(&ID)),
            (
                pda::program_data(&ID),
                Account {
                    lamports: 1_000_000_000,
                    data: program_data,
                    owner: LOADER,
                    ..Account::default()
                },
            ),
            (PAYER, Account::new(100_000_000_000, 0, &Pubkey::default())),
        ]);
        Self {
            mollusk,
            accounts,
            measured: vec![],
        }
    }

    /// Runs an instruction.
    pub fn run(&mut self, instruction: Result<Instruction, EbbError>) {
        let instruction = instruction.unwrap();
        let accounts = self.accounts_of(&instruction);
        let result = self.mollusk.process_instruction(&instruction, &accounts);
        assert_eq!(result.program_result, ProgramResult::Success);
        self.accounts.extend(result.resulting_accounts);
    }

    /// Runs an instruction that is to be measured.
    pub fn measure(&mut self, name: &'static str, instruction: Result<Instruction, EbbError>) {
        let instruction = instruction.unwrap();
        let accounts = self.accounts_of(&instruction);
        self.measured.push((name, instruction.clone(), accounts));
        self.run(Ok(instruction));
    }

    fn accounts_of(&self, instruction: &Instruction) -> Vec<(Pubkey, Account)> {
        instruction
            .accounts
            .iter()
            .map(|meta| {
                let account = self.accounts.get(&meta.pubkey).cloned();
                (meta.pubkey, account.unwrap_or_default())
            })
            .collect()
    }

    /// Lets time pass, or go back.
    pub fn pass(&mut self, seconds: i64) {
        self.mollusk.sysvars.clock.unix_timestamp += seconds;
    }

    /// Measures what was noted, and writes the figures.
    pub fn report(self) {
        let mut bencher = MolluskComputeUnitBencher::new(self.mollusk).must_pass(true);
        for (name, instruction, accounts) in &self.measured {
            bencher = bencher.bench((name, instruction, accounts));
        }
        bencher.execute();
    }
}
