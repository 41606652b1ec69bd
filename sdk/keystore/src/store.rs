//! A key store as whoever lacks its secret sees it.

use {
    crate::{
        error::KeyStoreError,
        folder::{destruction_name, key_name, StoreFile, StoreFolder},
        record::{parse, Commitment, Content, DestructionRecord, Disk, KeyRecord, Protection},
        secret::SecretKind,
    },
    std::path::{Path, PathBuf},
};

/// A key store that is read. It takes no secret, and nothing is written or decrypted.
#[derive(Clone, Debug)]
pub struct KeyStore {
    pub(crate) folder: StoreFolder,
    pub(crate) protection: Protection,
}

impl KeyStore {
    /// Opens the store in `dir`; `None` if there is none yet.
    ///
    /// # Errors
    /// The folder contains something else, is damaged, was written by another version, or is not safe to use.
    pub fn open(dir: &Path) -> Result<Option<Self>, KeyStoreError> {
        let folder = StoreFolder::new(dir);
        let config = folder.config();
        let text = match config.read()? {
            Some(text) => text,
            None if folder.is_vacant()? => return Ok(None),
            // Another process may have made the store between the two readings.
            None => config
                .read()?
                .ok_or_else(|| KeyStoreError::NotAKeyStore(dir.to_owned()))?,
        };
        let path = config.path();
        let file = parse::<Protection>(&text).map_err(KeyStoreError::record(&path))?;
        let verifier = *file.unverified().verifier();
        let protection = file
            .verify(&verifier)
            .map_err(KeyStoreError::record(&path))?;
        Ok(Some(Self { folder, protection }))
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Which kind of secret unlocks the store.
    pub fn secret_kind(&self) -> SecretKind {
        self.protection.secret_kind()
    }

    /// The key of a disk, if the store has it.
    ///
    /// # Errors
    /// Its file is damaged, is not this store's, or cannot be read. It is left as it is.
    pub fn key(&self, disk: &Disk) -> Result<Option<KeyRecord>, KeyStoreError> {
        self.read_key(&self.folder.key(disk))
    }

    /// The key of a disk, if the store has it and it may be used.
    ///
    /// # Errors
    /// As for [`KeyStore::key`]; or its destruction was begun, or it was put back after that.
    pub fn usable_key(&self, disk: &Disk) -> Result<Option<KeyRecord>, KeyStoreError> {
        let Some(key) = self.key(disk)? else {
            return Ok(None);
        };
        let record = self.folder.destruction(disk, &key.commitment);
        match self.read_destruction(&record)? {
            None => Ok(Some(key)),
            Some(destruction) => Err(KeyStoreError::DestroyedKeyPresent {
                code: key.owner.code,
                path: key.disk.path,
                at: destruction.destroyed_at,
                record: record.path(),
            }),
        }
    }

    /// Every key, in no order. One that cannot be read does not hide the others.
    ///
    /// # Errors
    /// The folder of keys is not safe to use, or cannot be read.
    pub fn keys(&self) -> Result<Vec<Result<KeyRecord, KeyStoreError>>, KeyStoreError> {
        let files = self.folder.keys()?;
        Ok(files
            .iter()
            .filter_map(|file| self.read_key(file).transpose())
            .collect())
    }

    /// The record that this store destroyed a key, if nothing of the key is left in it. What a destruction that was cut
    /// short left is removed first.
    ///
    /// # Errors
    /// A file is damaged, is not this store's, or cannot be read or removed, or the store is locked.
    pub fn destruction(
        &self,
        disk: &Disk,
        commitment: &Commitment,
    ) -> Result<Option<DestructionRecord>, KeyStoreError> {
        // The lock finishes what was cut short.
        let _lock = self.folder.lock()?;
        if self
            .key(disk)?
            .is_some_and(|key| key.commitment == *commitment)
        {
            return Ok(None);
        }
        self.read_destruction(&self.folder.destruction(disk, commitment))
    }

    /// Every record that this store destroyed a key, in no order. One that cannot be read does not hide the others.
    ///
    /// # Errors
    /// The folder of records is not safe to use, or cannot be read.
    pub fn destructions(
        &self,
    ) -> Result<Vec<Result<DestructionRecord, KeyStoreError>>, KeyStoreError> {
        let files = self.folder.destructions()?;
        Ok(files
            .iter()
            .filter_map(|file| self.read_destruction(file).transpose())
            .collect())
    }

    /// The file of a key.
    pub fn path_of(&self, key: &KeyRecord) -> PathBuf {
        self.folder.key(&key.disk).path()
    }

    pub(crate) fn read_key(
        &self,
        file: &StoreFile<'_>,
    ) -> Result<Option<KeyRecord>, KeyStoreError> {
        self.read_record(file, |key: &KeyRecord| key_name(&key.disk))
    }

    pub(crate) fn read_destruction(
        &self,
        file: &StoreFile<'_>,
    ) -> Result<Option<DestructionRecord>, KeyStoreError> {
        self.read_record(file, |record: &DestructionRecord| {
            destruction_name(&record.disk, &record.commitment)
        })
    }

    /// A record, if its file exists. It must be signed by this store and have the name that `name` returns.
    fn read_record<T: Content>(
        &self,
        file: &StoreFile<'_>,
        name: impl FnOnce(&T) -> String,
    ) -> Result<Option<T>, KeyStoreError> {
        let Some(text) = file.read()? else {
            return Ok(None);
        };
        let record = parse::<T>(&text)
            .and_then(|record| record.verify(self.protection.verifier()))
            .map_err(KeyStoreError::record(&file.path()))?;
        file.check_name(&name(&record))?;
        Ok(Some(record))
    }
}
