//! The addresses of accounts that the user named, which need not exist.

use {super::value::Identifier, ebb_sdk::pda, solana_sdk::pubkey::Pubkey};

/// The address of a device.
pub fn device(program_id: &Pubkey, identifier: &Identifier) -> Pubkey {
    address(identifier, |code| pda::device(program_id, code).0)
}

/// The address of a contributor.
pub fn contributor(program_id: &Pubkey, identifier: &Identifier) -> Pubkey {
    address(identifier, |code| pda::contributor(program_id, code).0)
}

/// The address of a location.
pub fn location(program_id: &Pubkey, identifier: &Identifier) -> Pubkey {
    address(identifier, |code| pda::location(program_id, code).0)
}

fn address(identifier: &Identifier, of_code: impl Fn(&str) -> Pubkey) -> Pubkey {
    match identifier {
        Identifier::Code(code) => of_code(code),
        Identifier::Address(address) => *address,
    }
}
