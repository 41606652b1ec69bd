//! The upgradeable loader's instructions, as a deployment uses them.

use {
    super::DeployError,
    crate::ledger::LedgerError,
    solana_loader_v3_interface::{
        instruction::{self as loader, MINIMUM_EXTEND_PROGRAM_BYTES},
        state::UpgradeableLoaderState as State,
    },
    solana_program::{hash::hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk_ids::bpf_loader_upgradeable as loader_id,
    solana_system_interface::{instruction as system, MAX_PERMITTED_DATA_LENGTH},
};

/// The length of a program's account; its code is in another one.
pub const PROGRAM_LEN: usize = State::size_of_program();
/// The most bytes of code that an account can hold.
pub const MAX_CODE_LEN: usize =
    MAX_PERMITTED_DATA_LENGTH as usize - State::size_of_programdata_metadata();
/// What the loader charges for an instruction.
pub const UNITS: u64 = 2_370;
/// Seeds are at most so long.
const SEED_LEN: usize = 32;

/// A buffer's address: it belongs to the authority and is for this code.
pub struct Buffer {
    pub address: Pubkey,
    seed: String,
}

impl Buffer {
    pub fn of(authority: &Pubkey, elf: &[u8]) -> Result<Self, DeployError> {
        let mut seed = hash(elf).to_string();
        seed.truncate(SEED_LEN);
        let address = Pubkey::create_with_seed(authority, &seed, &loader_id::ID)
            .map_err(|error| LedgerError::Other(error.to_string()))?;
        Ok(Self { address, seed })
    }

    /// Makes it, for so many bytes. An account that others gave lamports to is no obstacle.
    pub fn create(
        &self,
        payer: &Pubkey,
        authority: &Pubkey,
        lamports: u64,
        len: usize,
    ) -> Result<Vec<Instruction>, DeployError> {
        let space = State::size_of_buffer(len) as u64;
        let mut instructions = loader::create_buffer(payer, &self.address, authority, 0, len)
            .map_err(|error| LedgerError::Other(error.to_string()))?;
        // Not by `create_account`: the address has no key that could sign.
        instructions.splice(
            ..1,
            [
                system::transfer(payer, &self.address, lamports),
                system::allocate_with_seed(
                    &self.address,
                    authority,
                    &self.seed,
                    space,
                    &loader_id::ID,
                ),
            ],
        );
        Ok(instructions)
    }
}

pub fn write(buffer: &Pubkey, authority: &Pubkey, offset: usize, bytes: &[u8]) -> Instruction {
    // The code is shorter than 10 MiB.
    let offset = u32::try_from(offset).unwrap_or(u32::MAX);
    loader::write(buffer, authority, offset, bytes.to_vec())
}

/// Makes the program's account and gives it the buffer's code. The address may hold lamports.
pub fn deploy(
    payer: &Pubkey,
    program_id: &Pubkey,
    buffer: &Pubkey,
    authority: &Pubkey,
    lamports: u64,
    len: usize,
) -> Result<Vec<Instruction>, DeployError> {
    let mut instructions =
        loader::deploy_with_max_program_len(payer, program_id, buffer, authority, 0, len, true)
            .map_err(|error| LedgerError::Other(error.to_string()))?;
    instructions.splice(
        ..1,
        [
            system::transfer(payer, program_id, lamports),
            system::allocate(program_id, PROGRAM_LEN as u64),
            system::assign(program_id, &loader_id::ID),
        ],
    );
    Ok(instructions)
}

pub fn upgrade(
    program_id: &Pubkey,
    buffer: &Pubkey,
    authority: &Pubkey,
    payer: &Pubkey,
) -> Instruction {
    loader::upgrade(program_id, buffer, authority, payer, true)
}

pub fn extend(program_id: &Pubkey, payer: &Pubkey, bytes: u32) -> Instruction {
    loader::extend_program(program_id, Some(payer), bytes)
}

/// By how much an account with `room` for code must grow to hold `len` bytes. The loader takes no
/// small steps, unless they lead to the longest account.
pub fn extension(room: usize, len: usize) -> Option<u32> {
    let missing = len.checked_sub(room).filter(|missing| *missing > 0)?;
    let step = missing.max(MINIMUM_EXTEND_PROGRAM_BYTES as usize);
    u32::try_from(step.min(MAX_CODE_LEN.saturating_sub(room))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_grow_by_what_the_loader_takes() {
        assert_eq!(extension(100, 100), None);
        assert_eq!(extension(100, 99), None);
        assert_eq!(extension(100, 101), Some(10_240));
        assert_eq!(extension(100, 20_100), Some(20_000));
        assert_eq!(extension(MAX_CODE_LEN - 5, MAX_CODE_LEN - 3), Some(5));
    }

    #[test]
    fn a_buffer_is_for_one_authority_and_one_code() {
        let address = |authority: u8, elf: &[u8]| {
            let authority = Pubkey::new_from_array([authority; 32]);
            Buffer::of(&authority, elf).unwrap().address
        };
        assert_eq!(address(1, b"a"), address(1, b"a"));
        assert_ne!(address(1, b"a"), address(1, b"b"));
        assert_ne!(address(1, b"a"), address(2, b"a"));
    }
}
