//! The store's folder: which files it has, and how they are written and destroyed.

use {
    crate::{
        error::KeyStoreError,
        record::{Commitment, Disk},
    },
    ebb_folder::{unfinished, Access, Folder, Lock, UNFINISHED},
    sha2::{Digest, Sha256},
    std::{
        ffi::{OsStr, OsString},
        io,
        path::{Path, PathBuf},
        time::Duration,
    },
};

const CONFIG: &str = "store.json";
const LOCK: &str = "lock";
const KEYS: &str = "keys";
const DESTROYED: &str = "destroyed";
const RECORD: &str = "json";
/// The extension that a key's file has in addition while it is overwritten.
const DESTROYING: &str = "destroying";
/// How long to wait for another process.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// A store's folder. It need not exist.
#[derive(Clone, Debug)]
pub struct StoreFolder {
    root: Folder,
    keys: Folder,
    destructions: Folder,
}

impl StoreFolder {
    pub fn new(path: &Path) -> Self {
        let private = |path| Folder::new(path, Access::Private);
        Self {
            root: private(path.to_owned()),
            keys: private(path.join(KEYS)),
            destructions: private(path.join(DESTROYED)),
        }
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn config(&self) -> StoreFile<'_> {
        StoreFile::new(&self.root, CONFIG)
    }

    pub fn key(&self, disk: &Disk) -> StoreFile<'_> {
        StoreFile::new(&self.keys, key_name(disk))
    }

    pub fn destruction(&self, disk: &Disk, commitment: &Commitment) -> StoreFile<'_> {
        StoreFile::new(&self.destructions, destruction_name(disk, commitment))
    }

    /// The files of keys.
    pub fn keys(&self) -> Result<Vec<StoreFile<'_>>, KeyStoreError> {
        files(&self.keys, &[RECORD])
    }

    /// The records that keys were destroyed.
    pub fn destructions(&self) -> Result<Vec<StoreFile<'_>>, KeyStoreError> {
        files(&self.destructions, &[RECORD])
    }

    /// Whether a store can be made here without touching anybody's files: the folder is absent, or empty, or contains
    /// what a creation that was cut short left.
    pub fn is_vacant(&self) -> Result<bool, KeyStoreError> {
        let config = unfinished(CONFIG);
        let names = self.root.names()?;
        Ok(names.iter().all(|name| *name == config || name == LOCK))
    }

    /// Makes the folder, for its user only.
    pub fn create(&self) -> Result<(), KeyStoreError> {
        Ok(self.root.create()?)
    }

    /// Locks the folder against other processes, and finishes what one that was killed left: what it did not complete
    /// is removed, and what it was destroying too.
    pub fn lock(&self) -> Result<Lock, KeyStoreError> {
        let lock = self.root.lock(LOCK, LOCK_TIMEOUT)?;
        let lock = lock.ok_or_else(|| KeyStoreError::Locked {
            path: self.path().to_owned(),
            waited: LOCK_TIMEOUT,
        })?;
        for leftover in files(&self.keys, &[UNFINISHED, DESTROYING])? {
            leftover.erase()?;
        }
        Ok(lock)
    }
}

/// A file of the store, which need not exist.
pub struct StoreFile<'a> {
    folder: &'a Folder,
    name: OsString,
}

impl<'a> StoreFile<'a> {
    fn new(folder: &'a Folder, name: impl Into<OsString>) -> Self {
        let name = name.into();
        Self { folder, name }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path_of(&self.name)
    }

    /// Fails if the file has another name than it must have for what it contains.
    pub fn check_name(&self, expected: &str) -> Result<(), KeyStoreError> {
        if self.name == expected {
            return Ok(());
        }
        Err(KeyStoreError::corrupt(
            &self.path(),
            "it was renamed, or is another disk's",
        ))
    }

    /// The content, if the file exists.
    pub fn read(&self) -> Result<Option<Vec<u8>>, KeyStoreError> {
        Ok(self.folder.read(&self.name)?)
    }

    /// Replaces the content, or makes the file.
    pub fn write(&self, content: &[u8]) -> Result<(), KeyStoreError> {
        self.folder.create()?;
        Ok(self.folder.write(&self.name, &[content])?)
    }

    /// Removes the file if it exists.
    pub fn remove(&self) -> Result<(), KeyStoreError> {
        self.folder.remove(&self.name)?;
        Ok(())
    }

    /// Destroys a key's file. It loses its name first, so that nobody reads it half overwritten.
    pub fn destroy(&self) -> Result<(), KeyStoreError> {
        let mut name = self.name.clone();
        name.push(".");
        name.push(DESTROYING);
        self.folder.rename(&self.name, &name)?;
        Self::new(self.folder, name).erase()
    }

    /// Overwrites and removes the file.
    fn erase(&self) -> Result<(), KeyStoreError> {
        self.overwrite()?;
        self.remove()
    }

    /// Overwrites the file in place, if it exists, as far as the file system lets it.
    fn overwrite(&self) -> Result<(), KeyStoreError> {
        let Some(mut file) = self.folder.open_to_write(&self.name)? else {
            return Ok(());
        };
        let mut over = || {
            let mut zeros = io::Read::take(io::repeat(0), file.metadata()?.len());
            io::copy(&mut zeros, &mut file)?;
            file.sync_all()
        };
        over().map_err(KeyStoreError::io("overwrite", &self.path()))
    }
}

/// The name of a key's file, whatever the disk's path.
pub fn key_name(disk: &Disk) -> String {
    record_name(disk, &[])
}

/// The name of the record that a key was destroyed.
pub fn destruction_name(disk: &Disk, commitment: &Commitment) -> String {
    record_name(disk, commitment.as_bytes())
}

fn record_name(disk: &Disk, more: &[u8]) -> String {
    let mut hasher = Sha256::new();
    // Every part is of fixed length, so no two lists of parts are the same bytes.
    for part in [
        disk.genesis.as_ref(),
        disk.program_id.as_ref(),
        disk.device.as_ref(),
    ] {
        hasher.update(part);
    }
    hasher.update(Sha256::digest(disk.path.as_bytes()));
    hasher.update(more);
    format!("{}.{RECORD}", hex::encode(hasher.finalize()))
}

/// The files in a folder, which need not exist, with one of these extensions.
fn files<'a>(folder: &'a Folder, extensions: &[&str]) -> Result<Vec<StoreFile<'a>>, KeyStoreError> {
    let has_one = |name: &OsString| {
        let extension = Path::new(name).extension().and_then(OsStr::to_str);
        extension.is_some_and(|extension| extensions.contains(&extension))
    };
    let names = folder.names()?.into_iter().filter(has_one);
    Ok(names.map(|name| StoreFile::new(folder, name)).collect())
}
