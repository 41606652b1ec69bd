//! What is at the program's address, and whether bytes are a program.

use {
    super::{loader, DeployError, RpcLedger},
    crate::{
        ledger::{Ledger, LedgerError},
        pda,
    },
    solana_loader_v3_interface::state::UpgradeableLoaderState as State,
    solana_program::pubkey::Pubkey,
    solana_sdk::account::Account,
    solana_sdk_ids::{bpf_loader_upgradeable, system_program},
};

const ELF_MAGIC: &[u8] = b"\x7fELF";

/// What is at a program's address.
pub enum Installed {
    /// No program; perhaps lamports.
    Nothing { lamports: u64 },
    /// A program.
    Program {
        /// Its code, with the zeros that follow it.
        code: Vec<u8>,
        /// Who may upgrade it.
        authority: Option<Pubkey>,
    },
}

impl Installed {
    pub fn check_authority(&self, program_id: &Pubkey, signer: &Pubkey) -> Result<(), DeployError> {
        match self {
            Self::Program {
                authority: None, ..
            } => Err(DeployError::Immutable(*program_id)),
            Self::Program {
                authority: Some(authority),
                ..
            } if authority != signer => Err(DeployError::WrongAuthority {
                program_id: *program_id,
                authority: *authority,
            }),
            Self::Program { .. } | Self::Nothing { .. } => Ok(()),
        }
    }
}

pub async fn installed(ledger: &RpcLedger, program_id: &Pubkey) -> Result<Installed, DeployError> {
    let addresses = [*program_id, pda::program_data(program_id)];
    let mut accounts = ledger.accounts(&addresses).await?.into_iter();
    let program = accounts.next().flatten().unwrap_or_default();
    let data = accounts.next().flatten();
    if program.owner == system_program::ID && program.data.is_empty() {
        let lamports = program.lamports;
        return Ok(Installed::Nothing { lamports });
    }
    let taken = DeployError::AddressTaken(*program_id);
    if !matches!(state(&program), Some(State::Program { .. })) {
        return Err(taken);
    }
    let Some(mut data) = data else {
        return Err(DeployError::Closed(*program_id));
    };
    match state(&data) {
        Some(State::ProgramData {
            upgrade_authority_address: authority,
            ..
        }) if data.data.len() >= State::size_of_programdata_metadata() => {
            let code = data.data.split_off(State::size_of_programdata_metadata());
            Ok(Installed::Program { code, authority })
        }
        _ => Err(taken),
    }
}

/// The slot in which a program was deployed or upgraded last, if there is one that can be upgraded.
pub async fn deployed_slot(
    ledger: &RpcLedger,
    program_id: &Pubkey,
) -> Result<Option<u64>, LedgerError> {
    let data = ledger.accounts(&[pda::program_data(program_id)]).await?;
    let data = data.into_iter().flatten().next();
    Ok(match data.as_ref().and_then(state) {
        Some(State::ProgramData { slot, .. }) => Some(slot),
        _ => None,
    })
}

/// What the loader keeps in an account, if it is the loader's.
pub fn state(account: &Account) -> Option<State> {
    if account.owner != bpf_loader_upgradeable::ID {
        return None;
    }
    wincode::deserialize(&account.data).ok()
}

/// Whether code with zeros behind it is this program.
pub fn is_code(code: &[u8], elf: &[u8]) -> bool {
    code.split_at_checked(elf.len())
        .is_some_and(|(code, rest)| code == elf && rest.iter().all(|byte| *byte == 0))
}

/// Finds mistakes that would otherwise show after the upload.
pub fn check_elf(elf: &[u8]) -> Result<(), DeployError> {
    if !elf.starts_with(ELF_MAGIC) {
        return Err(DeployError::NotAProgram("it is not an ELF file"));
    }
    if elf.len() > loader::MAX_CODE_LEN {
        return Err(DeployError::NotAProgram("it is larger than an account"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_with_zeros_behind_it() {
        assert!(is_code(b"code", b"code"));
        assert!(is_code(b"code\0\0", b"code"));
        assert!(!is_code(b"code\0x", b"code"));
        assert!(!is_code(b"cod", b"code"));
        assert!(!is_code(b"Code", b"code"));
    }

    #[test]
    fn what_is_no_elf_is_not_uploaded() {
        assert!(check_elf(b"\x7fELF...").is_ok());
        assert!(matches!(
            check_elf(b"#!/bin/sh"),
            Err(DeployError::NotAProgram(_))
        ));
    }
}
