//! The default key: made with the ledger, and the program's upgrade authority.

use {
    super::{
        folder::{LedgerFolder, DEFAULT_KEY},
        EmbeddedError,
    },
    solana_sdk::signature::{read_keypair, write_keypair, Keypair},
    std::{error::Error, io},
};

/// The folder's default key.
pub(super) fn read(folder: &LedgerFolder) -> Result<Keypair, EmbeddedError> {
    find(folder)?.ok_or_else(|| unusable(folder, io::Error::from(io::ErrorKind::NotFound).into()))
}

/// The folder's default key, made if there is none.
pub(super) fn read_or_create(folder: &LedgerFolder) -> Result<Keypair, EmbeddedError> {
    if let Some(key) = find(folder)? {
        return Ok(key);
    }
    folder.keys.create()?;
    let key = Keypair::new();
    let mut json = Vec::new();
    write_keypair(&key, &mut json).map_err(|error| unusable(folder, error))?;
    folder.keys.write(DEFAULT_KEY, &[&json])?;
    Ok(key)
}

fn find(folder: &LedgerFolder) -> Result<Option<Keypair>, EmbeddedError> {
    let Some(mut file) = folder.keys.open(DEFAULT_KEY)? else {
        return Ok(None);
    };
    let key = read_keypair(&mut file).map_err(|error| unusable(folder, error))?;
    Ok(Some(key))
}

fn unusable(folder: &LedgerFolder, problem: Box<dyn Error>) -> EmbeddedError {
    EmbeddedError::Key {
        path: folder.default_key(),
        problem: problem.to_string(),
    }
}
