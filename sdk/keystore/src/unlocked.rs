//! A key store whose secret was handed in.

use {
    crate::{
        error::KeyStoreError,
        folder::{StoreFile, StoreFolder},
        material::Material,
        protection::StoreKeys,
        record::{
            encode, Commitment, Content, DestructionRecord, Disk, KeyRecord, Owner, Protection,
        },
        secret::Secret,
        store::KeyStore,
    },
    jiff::Timestamp,
    solana_signer::Signer,
    std::path::Path,
};

/// A key store that was checked against its secret, and that is written and decrypted.
pub struct UnlockedKeyStore {
    store: KeyStore,
    keys: StoreKeys,
}

impl KeyStore {
    /// Checks the store against its secret. What was read before is then known to be the store's own too.
    ///
    /// # Errors
    /// It is the wrong secret, or derives other recipients or another signing key.
    pub fn unlock(&self, secret: &Secret) -> Result<UnlockedKeyStore, KeyStoreError> {
        let config = self.folder.config().path();
        let keys = self.protection.unlock(secret, self.dir(), &config)?;
        Ok(UnlockedKeyStore {
            store: self.clone(),
            keys,
        })
    }
}

impl UnlockedKeyStore {
    /// Makes a store in `dir` that a secret opens.
    ///
    /// # Errors
    /// The folder contains something else, another process made a store there meanwhile, or it cannot be written.
    pub fn create(dir: &Path, secret: &Secret) -> Result<Self, KeyStoreError> {
        let (protection, keys) = Protection::new(secret)?;
        let folder = StoreFolder::new(dir);
        folder.create()?;
        let _lock = folder.lock()?;
        if folder.config().read()?.is_some() {
            return Err(KeyStoreError::CreatedConcurrently(dir.to_owned()));
        }
        if !folder.is_vacant()? {
            return Err(KeyStoreError::NotAKeyStore(dir.to_owned()));
        }
        write_record(&folder.config(), &protection, keys.signer())?;
        Ok(Self {
            store: KeyStore { folder, protection },
            keys,
        })
    }

    /// The store as whoever lacks the secret sees it.
    pub fn as_locked(&self) -> &KeyStore {
        &self.store
    }

    /// Stores a key for good before it returns, unless there is one for its disk already. Returns the key that the store
    /// has then.
    ///
    /// # Errors
    /// The material is another disk's already, the key that is there was to be destroyed, a file is damaged or cannot be
    /// written, or the store is locked.
    pub fn put_if_absent(
        &self,
        disk: &Disk,
        owner: &Owner,
        material: &Material,
    ) -> Result<KeyRecord, KeyStoreError> {
        let folder = &self.store.folder;
        let _lock = folder.lock()?;
        if let Some(key) = self.store.usable_key(disk)? {
            return Ok(key);
        }
        let commitment = material.commitment();
        self.check_not_stored(&commitment)?;
        let key = KeyRecord {
            disk: disk.clone(),
            owner: owner.clone(),
            commitment,
            stored_at: now(),
            material: self.keys.encrypt(material)?,
        };
        // It is back: that it was destroyed once proves nothing any more.
        folder.destruction(disk, &commitment).remove()?;
        write_record(&folder.key(disk), &key, self.keys.signer())?;
        Ok(key)
    }

    fn check_not_stored(&self, commitment: &Commitment) -> Result<(), KeyStoreError> {
        let keys = self.store.keys()?.into_iter().flatten();
        match keys.into_iter().find(|key| key.commitment == *commitment) {
            None => Ok(()),
            Some(key) => Err(KeyStoreError::DuplicateMaterial {
                code: key.owner.code,
                path: key.disk.path,
            }),
        }
    }

    /// Destroys a key: overwrites its file as far as the file system lets it, removes it, and records that. All of
    /// it lasts when this returns.
    ///
    /// # Errors
    /// The key is no longer the one that was read, a file is damaged or cannot be written, or the store is locked.
    pub fn destroy(&self, key: &KeyRecord) -> Result<DestructionRecord, KeyStoreError> {
        let folder = &self.store.folder;
        let _lock = folder.lock()?;
        let file = folder.key(&key.disk);
        let record = folder.destruction(&key.disk, &key.commitment);
        match self.store.read_key(&file)? {
            Some(found) if found.commitment == key.commitment => {}
            // Another process was faster.
            None => {
                let destruction = self.store.read_destruction(&record)?;
                return destruction.ok_or(KeyStoreError::ChangedConcurrently(file.path()));
            }
            Some(_) => return Err(KeyStoreError::ChangedConcurrently(file.path())),
        }
        let destruction = DestructionRecord {
            disk: key.disk.clone(),
            owner: key.owner.clone(),
            commitment: key.commitment,
            destroyed_at: now(),
        };
        write_record(&record, &destruction, self.keys.signer())?;
        file.destroy()?;
        Ok(destruction)
    }

    /// Decrypts the material of a key.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn material(&self, key: &KeyRecord) -> Result<Material, KeyStoreError> {
        let file = self.store.path_of(key);
        let material = self.keys.decrypt(&key.material, &file)?;
        if material.commitment() != key.commitment {
            return Err(KeyStoreError::corrupt(
                &file,
                "its material is not that of its commitment",
            ));
        }
        Ok(material)
    }
}

/// Writes a record, signed.
fn write_record(
    file: &StoreFile<'_>,
    record: &impl Content,
    signer: &impl Signer,
) -> Result<(), KeyStoreError> {
    let bytes =
        encode(record, signer).map_err(|error| KeyStoreError::Encryption(error.to_string()))?;
    file.write(&bytes)
}

/// The wall clock's time, to the second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
