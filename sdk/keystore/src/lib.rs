//! The key store: the material of disk keys, encrypted, in a folder of their custodian's.
//!
//! ```text
//! store.json             to whom keys are encrypted and how records are verified; what makes the folder a store
//! keys/HASH.json         a key each: which disk it is for, its commitment, its material as an age file
//! destroyed/HASH.json    a key each that this store destroyed: which it was and its commitment
//! lock                   held by whoever writes
//! ```
//!
//! Files are mode 0600 and folders 0700; links, and what is another user's or open to others, are refused (see
//! [`ebb_folder`]). Names are hashes, so any path of a disk will do, and two ledgers or two
//! devices never share a file. The material can be had without `ebb` too:
//! `jq -r .content.material keys/HASH.json | age --decrypt --identity FILE`.
//!
//! The store's secret derives everything that is trusted: the recipients that keys are encrypted to, and the key that
//! signs every file. [`Store`] reads, and verifies each record with what store.json says; [`Unlocked`] has checked
//! store.json against the secret, and is what writes and decrypts. Who can write to the folder but lacks the secret can
//! thus neither add a recipient, nor fake a key or a destruction, nor pass one disk's record off as another's. An older
//! copy of a record can be put back: a key whose destruction is recorded is not used again, only destroyed.
//!
//! Killed at any moment, a process leaves a key stored or not, and destroyed or not. A record in `destroyed`
//! proves a destruction only together with the absence of the key's file: the record is written first, so that a
//! destruction that was cut short can be told from a key that was never here.

mod error;
mod folder;
mod protection;
mod record;
mod sealing;
mod secret;

pub use {
    error::StoreError,
    protection::Secret,
    record::{Commitment, Destroyed, Disk, KeyRecord, Owner, Protection},
    secret::Material,
};

use {
    folder::{StoreFile, StoreFolder},
    jiff::Timestamp,
    protection::StoreKeys,
    record::{encode, parse, Content},
    solana_signer::Signer,
    std::path::{Path, PathBuf},
};

/// A folder of keys, to look at.
#[derive(Clone)]
pub struct Store {
    folder: StoreFolder,
    protection: Protection,
}

/// A store whose secret is at hand.
pub struct Unlocked {
    store: Store,
    keys: StoreKeys,
}

impl Store {
    /// Opens the store in `dir`; `None` if there is none yet.
    ///
    /// # Errors
    /// The folder holds something else, is damaged, was written by another version, or is not safe to use.
    pub fn open(dir: &Path) -> Result<Option<Self>, StoreError> {
        let folder = StoreFolder::new(dir);
        let config = folder.config();
        let path = config.path();
        match config.read()? {
            Some(text) => {
                let file = parse::<Protection>(&text).map_err(StoreError::record(&path))?;
                let verifier = *file.claim().verifier();
                let protection = file.verify(&verifier).map_err(StoreError::record(&path))?;
                Ok(Some(Self { folder, protection }))
            }
            None if folder.is_vacant()? => Ok(None),
            None => Err(StoreError::NotAStore(dir.to_owned())),
        }
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// How its keys are protected.
    pub fn protection(&self) -> &Protection {
        &self.protection
    }

    /// The key of a disk, if it is here.
    ///
    /// # Errors
    /// Its file is damaged, is not this store's, or cannot be read. It is left as it is.
    pub fn key(&self, disk: &Disk) -> Result<Option<KeyRecord>, StoreError> {
        self.read_key(&self.folder.key(disk))
    }

    /// As [`Store::key`], for use.
    ///
    /// # Errors
    /// As there; or its destruction was begun, or it was put back after that.
    pub fn usable_key(&self, disk: &Disk) -> Result<Option<KeyRecord>, StoreError> {
        let Some(key) = self.key(disk)? else {
            return Ok(None);
        };
        let record = self.folder.destroyed(disk, &key.commitment);
        match self.read_destroyed(&record)? {
            None => Ok(Some(key)),
            Some(destroyed) => Err(StoreError::NotGone {
                code: key.owner.code,
                path: key.disk.path,
                at: destroyed.destroyed_at,
                record: record.path(),
            }),
        }
    }

    /// Every key, in no order. One that cannot be read does not hide the others.
    pub fn keys(&self) -> Result<Vec<Result<KeyRecord, StoreError>>, StoreError> {
        let files = self.folder.keys()?;
        Ok(files
            .iter()
            .filter_map(|file| self.read_key(file).transpose())
            .collect())
    }

    /// What this store destroyed, in no order. One record that cannot be read does not hide the others.
    pub fn destructions(&self) -> Result<Vec<Result<Destroyed, StoreError>>, StoreError> {
        let files = self.folder.destroyed_all()?;
        Ok(files
            .iter()
            .filter_map(|file| self.read_destroyed(file).transpose())
            .collect())
    }

    /// The record that this store destroyed a key, once nothing of it is left here.
    ///
    /// # Errors
    /// A file is damaged, is not this store's, or cannot be read, or the store is locked.
    pub fn destroyed(
        &self,
        disk: &Disk,
        commitment: &Commitment,
    ) -> Result<Option<Destroyed>, StoreError> {
        // The lock finishes what was cut short.
        let _lock = self.folder.lock()?;
        if self
            .key(disk)?
            .is_some_and(|key| key.commitment == *commitment)
        {
            return Ok(None);
        }
        self.read_destroyed(&self.folder.destroyed(disk, commitment))
    }

    /// Checks the store against its secret. What was read before is then known to be its writing too.
    ///
    /// # Errors
    /// It is the wrong secret, or derives other recipients or another signing key.
    pub fn unlock(&self, secret: &Secret) -> Result<Unlocked, StoreError> {
        let keys = self
            .protection
            .unlock(secret, self.dir(), &self.folder.config().path())?;
        Ok(Unlocked {
            store: self.clone(),
            keys,
        })
    }

    /// The file of a key.
    pub fn file_of(&self, key: &KeyRecord) -> PathBuf {
        self.folder.key(&key.disk).path()
    }

    fn read_key(&self, file: &StoreFile<'_>) -> Result<Option<KeyRecord>, StoreError> {
        let name = |key: &KeyRecord| folder::key_name(&key.disk);
        self.read_record(file, name)
    }

    fn read_destroyed(&self, file: &StoreFile<'_>) -> Result<Option<Destroyed>, StoreError> {
        let name = |it: &Destroyed| folder::destroyed_name(&it.disk, &it.commitment);
        self.read_record(file, name)
    }

    /// A record, if it is there, that this store signed and that has the name it must have.
    fn read_record<T: Content>(
        &self,
        file: &StoreFile<'_>,
        name: impl FnOnce(&T) -> String,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = file.read()? else {
            return Ok(None);
        };
        let record = parse::<T>(&text)
            .and_then(|it| it.verify(self.protection.verifier()))
            .map_err(StoreError::record(&file.path()))?;
        file.check_name(&name(&record))?;
        Ok(Some(record))
    }
}

impl Unlocked {
    /// Makes a store in `dir` that a secret opens.
    ///
    /// # Errors
    /// The folder holds something else, another process made a store there meanwhile, or it cannot be written.
    pub fn create(dir: &Path, secret: &Secret) -> Result<Self, StoreError> {
        let (protection, keys) = Protection::new(secret)?;
        let folder = StoreFolder::new(dir);
        folder.create()?;
        let _lock = folder.lock()?;
        if folder.config().read()?.is_some() {
            return Err(StoreError::Raced(dir.to_owned()));
        }
        if !folder.is_vacant()? {
            return Err(StoreError::NotAStore(dir.to_owned()));
        }
        write_record(&folder.config(), &protection, keys.signer())?;
        let store = Store { folder, protection };
        Ok(Self { store, keys })
    }

    /// The store, to look at.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stores a key for good before it returns, unless there is one for its disk already. Returns the one that is
    /// here then.
    ///
    /// # Errors
    /// The material serves another disk already, the key that is here was to be destroyed, a file is damaged or cannot
    /// be written, or the store is locked.
    pub fn put(
        &self,
        disk: &Disk,
        owner: &Owner,
        material: &Material,
    ) -> Result<KeyRecord, StoreError> {
        let Store { folder, .. } = &self.store;
        let _lock = folder.lock()?;
        if let Some(key) = self.store.usable_key(disk)? {
            return Ok(key);
        }
        let commitment = material.commitment();
        self.check_twin(&commitment)?;
        let key = KeyRecord {
            disk: disk.clone(),
            owner: owner.clone(),
            commitment,
            stored_at: now(),
            material: self.keys.seal(material)?,
        };
        // It is back: that it was destroyed once proves nothing any more.
        folder.destroyed(disk, &commitment).remove()?;
        write_record(&folder.key(disk), &key, self.keys.signer())?;
        Ok(key)
    }

    fn check_twin(&self, commitment: &Commitment) -> Result<(), StoreError> {
        let keys = self.store.keys()?.into_iter().flatten();
        match keys.into_iter().find(|key| key.commitment == *commitment) {
            None => Ok(()),
            Some(twin) => Err(StoreError::Twin {
                code: twin.owner.code,
                path: twin.disk.path,
            }),
        }
    }

    /// Destroys a key: overwrites its file as far as the file system lets it, removes it, and records that. All of
    /// it lasts when this returns.
    ///
    /// # Errors
    /// The key is no longer the one that was read, a file is damaged or cannot be written, or the store is locked.
    pub fn destroy(&self, key: &KeyRecord) -> Result<Destroyed, StoreError> {
        let Store { folder, .. } = &self.store;
        let _lock = folder.lock()?;
        let (file, record) = (
            folder.key(&key.disk),
            folder.destroyed(&key.disk, &key.commitment),
        );
        match self.store.read_key(&file)? {
            Some(found) if found.commitment == key.commitment => {}
            // Another process was faster.
            None => {
                let destroyed = self.store.read_destroyed(&record)?;
                return destroyed.ok_or(StoreError::Changed(file.path()));
            }
            Some(_) => return Err(StoreError::Changed(file.path())),
        }
        let destroyed = Destroyed {
            disk: key.disk.clone(),
            owner: key.owner.clone(),
            commitment: key.commitment,
            destroyed_at: now(),
        };
        write_record(&record, &destroyed, self.keys.signer())?;
        file.destroy()?;
        Ok(destroyed)
    }

    /// The material of a key.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn material(&self, key: &KeyRecord) -> Result<Material, StoreError> {
        let file = self.store.file_of(key);
        let material = self.keys.open(&key.material, &file)?;
        if material.commitment() != key.commitment {
            return Err(StoreError::corrupt(
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
) -> Result<(), StoreError> {
    let bytes =
        encode(record, signer).map_err(|error| StoreError::Encryption(error.to_string()))?;
    file.write(&bytes)
}

/// The wall clock's time, to the second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

#[cfg(test)]
mod tests;
