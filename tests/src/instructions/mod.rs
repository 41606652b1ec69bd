//! The instructions as the tests' actors send them: who signs and what varies is said, the rest is
//! the same everywhere.

mod device;
mod network;

use {
    crate::{Caller, World},
    ebb_sdk::EbbError,
    solana_sdk::{instruction::Instruction, pubkey::Pubkey},
};

/// The most sessions that the tests' devices take.
pub const MAX_SESSIONS: u32 = 4;
/// The deadline that [`World::drain`] sets, in seconds.
pub const DEADLINE: u32 = 600;

/// A user's key.
pub fn user(number: u8) -> Pubkey {
    Pubkey::new_from_array([100 + number; 32])
}

/// A disk's path; that of number 2 is shorter in letters than in bytes.
pub fn path(number: u8) -> String {
    match number {
        2 => "/dev/disk/by-id/ä".to_owned(),
        _ => format!("/dev/disk/by-id/{number}"),
    }
}

/// What stands on chain for a disk's key.
pub fn commitment(number: u8) -> [u8; 32] {
    [200 + number; 32]
}

fn built(instruction: Result<Instruction, EbbError>) -> Instruction {
    instruction.expect("the builder takes these values")
}

impl World {
    fn credential(&self, by: Caller) -> Pubkey {
        self.at
            .credential(by.credential)
            .expect("this instruction takes a credential")
    }
}
