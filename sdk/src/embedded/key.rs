//! The default key: made with the ledger, and the program's upgrade authority.

use {
    super::{
        error::EmbeddedError,
        file::{write, Access},
        folder::Folder,
    },
    solana_sdk::signature::{read_keypair_file, write_keypair, Keypair},
    std::fs,
};

/// The folder's default key.
pub(super) fn read(folder: &Folder) -> Result<Keypair, EmbeddedError> {
    let path = folder.default_key();
    read_keypair_file(&path).map_err(|error| EmbeddedError::Key {
        problem: error.to_string(),
        path,
    })
}

/// The folder's default key, made if there is none.
pub(super) fn read_or_create(folder: &Folder) -> Result<Keypair, EmbeddedError> {
    let path = folder.default_key();
    if path.exists() {
        return read(folder);
    }
    if let Some(keys) = path.parent() {
        fs::create_dir_all(keys).map_err(EmbeddedError::io("create", keys))?;
    }
    let key = Keypair::new();
    let mut json = Vec::new();
    write_keypair(&key, &mut json).map_err(|error| EmbeddedError::Key {
        path: path.clone(),
        problem: error.to_string(),
    })?;
    write(&path, &[&json], Access::Private)?;
    Ok(key)
}
