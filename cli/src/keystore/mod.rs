//! The key store: the material of disk keys, encrypted, in a folder of their custodian's.
//!
//! ```text
//! store.json             to whom keys are encrypted; what makes the folder a store
//! keys/HASH.json         a key each: which disk it is for, its commitment, its material as an age file
//! destroyed/HASH.json    a key each that this store destroyed: which it was and its commitment
//! lock                   held by whoever writes
//! ```
//!
//! Files are mode 0600 and folders 0700. Names are hashes, so any path of a disk will do, and two ledgers or two
//! devices never share a file. The material can be had without `ebb` too:
//! `jq -r .content.material keys/HASH.json | age --decrypt --identity FILE`.
//!
//! Killed at any moment, a process leaves a key stored or not, and destroyed or not. A record in `destroyed`
//! proves a destruction only together with the absence of the key's file: the record is written first, so that a
//! destruction that was cut short can be told from a key that was never here.

mod error;
mod folder;
mod protection;
mod record;
mod secret;

pub use {
    error::StoreError,
    protection::{Protection, Secret},
    record::{Destroyed, Disk, KeyRecord, Owner},
    secret::{Commitment, Material},
};

use {
    folder::Folder,
    jiff::Timestamp,
    record::{decode, encode},
    std::path::{Path, PathBuf},
};

/// A folder of keys.
pub struct Store {
    folder: Folder,
    protection: Protection,
}

impl Store {
    /// Opens the store in `dir`; `None` if there is none yet.
    ///
    /// # Errors
    /// The folder holds something else, is damaged, was written by a newer version, or cannot be read.
    pub fn open(dir: &Path) -> Result<Option<Self>, StoreError> {
        let folder = Folder::new(dir);
        let path = folder.config();
        match folder::read(&path)? {
            Some(text) => {
                let protection = decode(&path, &text)?;
                Ok(Some(Self { folder, protection }))
            }
            None if folder.is_vacant()? => Ok(None),
            None => Err(StoreError::NotAStore(dir.to_owned())),
        }
    }

    /// Makes a store in `dir`.
    ///
    /// # Errors
    /// The folder holds something else, another process made a store there meanwhile, or it cannot be written.
    pub fn create(dir: &Path, protection: Protection) -> Result<Self, StoreError> {
        let folder = Folder::new(dir);
        folder.create()?;
        let _lock = folder.lock()?;
        if folder::read(&folder.config())?.is_some() {
            return Err(StoreError::Raced(dir.to_owned()));
        }
        if !folder.is_vacant()? {
            return Err(StoreError::NotAStore(dir.to_owned()));
        }
        folder::write(&folder.config(), &encode(&protection)?)?;
        Ok(Self { folder, protection })
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
    /// Its file is damaged or cannot be read. It is left as it is.
    pub fn key(&self, disk: &Disk) -> Result<Option<KeyRecord>, StoreError> {
        read_key(&self.folder.key(disk))
    }

    /// Every key, in no order. One that cannot be read does not hide the others.
    pub fn keys(&self) -> Result<Vec<Result<KeyRecord, StoreError>>, StoreError> {
        let files = self.folder.keys()?;
        Ok(files
            .iter()
            .filter_map(|path| read_key(path).transpose())
            .collect())
    }

    /// What this store destroyed, in no order. One record that cannot be read does not hide the others.
    pub fn destructions(&self) -> Result<Vec<Result<Destroyed, StoreError>>, StoreError> {
        let files = self.folder.destroyed_all()?;
        Ok(files
            .iter()
            .filter_map(|path| read_destroyed(path).transpose())
            .collect())
    }

    /// The record that this store destroyed a key, once nothing of it is left here.
    ///
    /// # Errors
    /// A file is damaged or cannot be read, or the store is locked.
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
        read_destroyed(&self.folder.destroyed(disk, commitment))
    }

    /// Stores a key for good before it returns, unless there is one for its disk already. Returns the one that is
    /// here then.
    ///
    /// # Errors
    /// The material serves another disk already, a file is damaged or cannot be written, or the store is locked.
    pub fn put(
        &self,
        disk: &Disk,
        owner: &Owner,
        material: &Material,
    ) -> Result<KeyRecord, StoreError> {
        let _lock = self.folder.lock()?;
        if let Some(key) = self.key(disk)? {
            return Ok(key);
        }
        let commitment = material.commitment();
        if let Some(twin) = self
            .keys()?
            .into_iter()
            .flatten()
            .find(|key| key.commitment == commitment)
        {
            return Err(StoreError::Twin {
                code: twin.owner.code,
                path: twin.disk.path,
            });
        }
        let key = KeyRecord {
            disk: disk.clone(),
            owner: owner.clone(),
            commitment,
            stored_at: now(),
            material: self.protection.seal(material)?,
        };
        // It is back: that it was destroyed once proves nothing any more.
        folder::remove(&self.folder.destroyed(disk, &commitment))?;
        folder::write(&self.folder.key(disk), &encode(&key)?)?;
        Ok(key)
    }

    /// Destroys a key: overwrites its file as far as the file system lets it, removes it, and records that. All of
    /// it lasts when this returns.
    ///
    /// # Errors
    /// The key is no longer the one that was read, a file is damaged or cannot be written, or the store is locked.
    pub fn destroy(&self, key: &KeyRecord) -> Result<Destroyed, StoreError> {
        let _lock = self.folder.lock()?;
        let (file, record) = (
            self.folder.key(&key.disk),
            self.folder.destroyed(&key.disk, &key.commitment),
        );
        match read_key(&file)? {
            Some(found) if found.commitment == key.commitment => {}
            // Another process was faster.
            None => {
                let destroyed = read_destroyed(&record)?;
                return destroyed.ok_or(StoreError::Changed(file));
            }
            Some(_) => return Err(StoreError::Changed(file)),
        }
        let destroyed = Destroyed {
            disk: key.disk.clone(),
            owner: key.owner.clone(),
            commitment: key.commitment,
            destroyed_at: now(),
        };
        folder::write(&record, &encode(&destroyed)?)?;
        folder::destroy(&file)?;
        Ok(destroyed)
    }

    /// Whether a secret opens the store.
    ///
    /// # Errors
    /// It is the wrong one.
    pub fn check(&self, secret: &Secret) -> Result<(), StoreError> {
        self.protection
            .unlock(secret, self.dir(), &self.folder.config())
            .map(drop)
    }

    /// The material of a key.
    ///
    /// # Errors
    /// The secret is the wrong one, or the file is damaged.
    pub fn material(&self, key: &KeyRecord, secret: &Secret) -> Result<Material, StoreError> {
        let file = self.file_of(key);
        let identities = self
            .protection
            .unlock(secret, self.dir(), &self.folder.config())?;
        let material = protection::open(&key.material, &identities, &file)?;
        if material.commitment() != key.commitment {
            return Err(StoreError::corrupt(
                &file,
                "its material is not that of its commitment",
            ));
        }
        Ok(material)
    }

    /// The file of a key.
    pub fn file_of(&self, key: &KeyRecord) -> PathBuf {
        self.folder.key(&key.disk)
    }
}

/// The wall clock's time, to the second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn read_key(path: &Path) -> Result<Option<KeyRecord>, StoreError> {
    let Some(text) = folder::read(path)? else {
        return Ok(None);
    };
    let key: KeyRecord = decode(path, &text)?;
    folder::check_name(path, &folder::key_name(&key.disk))?;
    Ok(Some(key))
}

fn read_destroyed(path: &Path) -> Result<Option<Destroyed>, StoreError> {
    let Some(text) = folder::read(path)? else {
        return Ok(None);
    };
    let destroyed: Destroyed = decode(path, &text)?;
    folder::check_name(
        path,
        &folder::destroyed_name(&destroyed.disk, &destroyed.commitment),
    )?;
    Ok(Some(destroyed))
}

#[cfg(test)]
mod tests;
