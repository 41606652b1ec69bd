//! Accounts as the state file has them behind the SVM.
//!
//! ```text
//! address 32 | lamports u64 | owner 32 | rent epoch u64 | length u32 | data, `length` bytes
//! …
//! ```
//! What litesvm-persistence writes has room for 43,690 accounts. So it has only those without which an SVM does not start:
//! programs, their code and sysvars.

use {
    borsh::BorshDeserialize,
    litesvm::LiteSVM,
    solana_program::pubkey::{Pubkey, PUBKEY_BYTES},
    solana_sdk::account::{Account, AccountSharedData, ReadableAccount},
    solana_sdk_ids::{bpf_loader_upgradeable, native_loader, sysvar},
};

/// An account as it is read.
#[derive(BorshDeserialize)]
struct AccountRecord {
    address: [u8; PUBKEY_BYTES],
    lamports: u64,
    owner: [u8; PUBKEY_BYTES],
    rent_epoch: u64,
    data: Vec<u8>,
}

/// Takes accounts out of an SVM that it can start without, and returns them as bytes.
pub fn take(svm: &mut LiteSVM) -> Result<Vec<u8>, String> {
    let all = svm.accounts_db().inner.iter();
    let taken = all.filter(|(_, account)| !is_needed(account));
    let taken: Vec<(Pubkey, AccountSharedData)> =
        taken.map(|(address, it)| (*address, it.clone())).collect();
    let mut bytes = vec![];
    for (address, account) in taken {
        encode(&mut bytes, &address, &account).map_err(|error| error.to_string())?;
        // An account without lamports is removed.
        svm.set_account(address, Account::default())
            .map_err(|error| error.to_string())?;
    }
    Ok(bytes)
}

/// Puts accounts back.
pub fn decode(mut bytes: &[u8], svm: &mut LiteSVM) -> Result<(), String> {
    while !bytes.is_empty() {
        let record = AccountRecord::deserialize(&mut bytes).map_err(|error| error.to_string())?;
        let account = Account {
            lamports: record.lamports,
            data: record.data,
            owner: record.owner.into(),
            executable: false,
            rent_epoch: record.rent_epoch,
        };
        svm.set_account(record.address.into(), account)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn is_needed(account: &AccountSharedData) -> bool {
    let owners = [bpf_loader_upgradeable::ID, native_loader::ID, sysvar::ID];
    account.executable() || owners.contains(account.owner())
}

fn encode(
    bytes: &mut Vec<u8>,
    address: &Pubkey,
    account: &AccountSharedData,
) -> std::io::Result<()> {
    let head = (address.to_bytes(), account.lamports());
    let owner = (account.owner().to_bytes(), account.rent_epoch());
    borsh::to_writer(bytes, &(head, owner, account.data()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than litesvm-persistence takes.
    const MANY: u64 = 43_691;

    fn account(number: u64) -> Account {
        Account {
            lamports: number,
            data: number.to_le_bytes()[..(number % 8) as usize].to_vec(),
            owner: crate::ID,
            executable: false,
            rent_epoch: u64::MAX,
        }
    }

    #[test]
    fn there_is_room_for_more_accounts_than_the_svm_is_written_with() {
        let mut svm = LiteSVM::default().with_builtins().with_sysvars();
        let started: Vec<Pubkey> = svm.accounts_db().inner.keys().copied().collect();
        let address = |number: u64| {
            let mut key = [7; PUBKEY_BYTES];
            key[..8].copy_from_slice(&number.to_le_bytes());
            Pubkey::new_from_array(key)
        };
        for number in 1..=MANY {
            svm.set_account(address(number), account(number)).unwrap();
        }
        assert!(litesvm_persistence::to_bytes(&svm).is_err());

        let mut base = svm.clone();
        let bytes = take(&mut base).unwrap();
        assert!(base
            .accounts_db()
            .inner
            .keys()
            .all(|key| started.contains(key)));
        let base = litesvm_persistence::to_bytes(&base).unwrap();
        let mut again = litesvm_persistence::from_bytes(&base).unwrap();
        decode(&bytes, &mut again).unwrap();
        assert_eq!(again.accounts_db().inner, svm.accounts_db().inner);
        // Cut anywhere, it is not taken for whole.
        assert!(decode(&bytes[..bytes.len() - 1], &mut again).is_err());
    }
}
