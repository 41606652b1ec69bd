//! Whether an account is a program's.

use {
    super::LedgerError,
    solana_program::pubkey::Pubkey,
    solana_sdk::account::Account,
    solana_sdk_ids::{
        bpf_loader, bpf_loader_deprecated, bpf_loader_upgradeable, loader_v4, native_loader,
        system_program,
    },
};

/// Who owns the accounts of programs.
const LOADERS: [Pubkey; 5] = [
    native_loader::ID,
    bpf_loader_deprecated::ID,
    bpf_loader::ID,
    bpf_loader_upgradeable::ID,
    loader_v4::ID,
];
/// Returns the account at a program's address.
///
/// # Errors
/// [`LedgerError::NoProgram`], [`LedgerError::NotAProgram`]
pub fn check_program(id: &Pubkey, account: Option<Account>) -> Result<Account, LedgerError> {
    let Some(account) = account else {
        return Err(LedgerError::NoProgram(*id));
    };
    if account.executable && LOADERS.contains(&account.owner) {
        return Ok(account);
    }
    // Lamports alone make no program.
    if account.owner == system_program::ID && account.data.is_empty() {
        return Err(LedgerError::NoProgram(*id));
    }
    Err(LedgerError::NotAProgram {
        address: *id,
        owner: account.owner,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_executable_and_a_loaders() {
        let id = crate::ID;
        let account = |owner, executable| Account {
            owner,
            executable,
            data: vec![1],
            ..Account::default()
        };
        for loader in LOADERS {
            assert!(check_program(&id, Some(account(loader, true))).is_ok());
        }
        let other = Pubkey::new_from_array([1; 32]);
        for (owner, executable) in [(other, true), (bpf_loader_upgradeable::ID, false)] {
            let error = check_program(&id, Some(account(owner, executable))).unwrap_err();
            assert!(matches!(
                error,
                LedgerError::NotAProgram { address, owner: named } if address == id && named == owner
            ));
            let text = format!(
                "the account at {id} is no program that can be called; its owner is {owner}"
            );
            assert_eq!(error.to_string(), text);
        }
        let funded = Account {
            lamports: 1,
            ..Account::default()
        };
        for none in [None, Some(funded)] {
            let error = check_program(&id, none).unwrap_err();
            assert!(matches!(error, LedgerError::NoProgram(at) if at == id));
        }
    }
}
