//! Nonce accounts: the system program's, whose value stands in for a blockhash until it is used.

use {
    super::{Ledger, LedgerError},
    solana_nonce::{
        state::{Data, State},
        versions::Versions,
    },
    solana_program::{hash::Hash, pubkey::Pubkey},
    solana_sdk::account::Account,
    solana_sdk_ids::system_program,
};

/// The value that a nonce account holds now, which `authority` may use.
pub(super) async fn value(
    ledger: &dyn Ledger,
    address: &Pubkey,
    authority: &Pubkey,
) -> Result<Hash, LedgerError> {
    let found = ledger.accounts(&[*address]).await?;
    let account = found.into_iter().flatten().next();
    let account = account.ok_or_else(|| unusable(address, "there is no such account"))?;
    read(&account, authority).map_err(|problem| unusable(address, &problem))
}

fn read(account: &Account, authority: &Pubkey) -> Result<Hash, String> {
    let data = data(account)?;
    if data.authority == *authority {
        Ok(data.blockhash())
    } else {
        let held = data.authority;
        Err(format!("its authority is {held}, not {authority}"))
    }
}

/// What an account contains that is a nonce: its value, and who may use it.
pub(crate) fn data(account: &Account) -> Result<Data, String> {
    if account.owner != system_program::ID {
        return Err("the account is no nonce".into());
    }
    let Ok(Versions::Current(state)) = wincode::deserialize(&account.data) else {
        return Err("the account is no nonce".into());
    };
    match *state {
        State::Initialized(data) => Ok(data),
        State::Uninitialized => Err("it is not initialized".into()),
    }
}

fn unusable(address: &Pubkey, problem: &str) -> LedgerError {
    LedgerError::Other(format!("nonce {address} cannot be used: {problem}"))
}

#[cfg(test)]
mod tests {
    use {super::*, solana_nonce::state::DurableNonce};

    fn account(state: Versions) -> Account {
        Account {
            data: wincode::serialize(&state).unwrap(),
            owner: system_program::ID,
            ..Account::default()
        }
    }

    #[test]
    fn only_its_authority_uses_a_nonce() {
        let [authority, other] = [1, 2].map(|byte| Pubkey::new_from_array([byte; 32]));
        let nonce = DurableNonce::from_blockhash(&Hash::new_from_array([7; 32]));
        let data = Data::new(authority, nonce, 5_000);
        let used = account(Versions::new(State::Initialized(data.clone())));
        assert_eq!(read(&used, &authority), Ok(*nonce.as_hash()));
        let error = read(&used, &other).unwrap_err();
        assert!(error.contains(&authority.to_string()), "{error}");

        let legacy = account(Versions::Legacy(Box::new(State::Initialized(data))));
        let fresh = account(Versions::new(State::Uninitialized));
        for wrong in [&legacy, &fresh, &Account::default()] {
            assert!(read(wrong, &authority).is_err());
        }
    }
}
