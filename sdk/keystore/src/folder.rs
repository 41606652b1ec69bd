//! The folder: which files it has, and how they are written and destroyed.

use {
    super::{
        error::StoreError,
        record::{Commitment, Disk},
    },
    ebb_sdk::embedded::file::{self, Access, Lock, UNFINISHED},
    sha2::{Digest, Sha256},
    std::{
        fs, io,
        path::{Path, PathBuf},
        time::Duration,
    },
};

const CONFIG: &str = "store.json";
const LOCK: &str = "lock";
const KEYS: &str = "keys";
const DESTROYED: &str = "destroyed";
const RECORD: &str = "json";
/// What a key's file is called while it is overwritten.
const DESTROYING: &str = "destroying";
/// How long to wait for another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// A store's folder. It need not exist.
#[derive(Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn config(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    pub fn key(&self, disk: &Disk) -> PathBuf {
        self.path.join(KEYS).join(key_name(disk))
    }

    pub fn destroyed(&self, disk: &Disk, commitment: &Commitment) -> PathBuf {
        self.path
            .join(DESTROYED)
            .join(destroyed_name(disk, commitment))
    }

    /// The files of keys.
    pub fn keys(&self) -> Result<Vec<PathBuf>, StoreError> {
        files(&self.path.join(KEYS), &[RECORD])
    }

    /// The files of destroyed keys.
    pub fn destroyed_all(&self) -> Result<Vec<PathBuf>, StoreError> {
        files(&self.path.join(DESTROYED), &[RECORD])
    }

    /// Whether a store can be made here without touching anybody's files: the folder is absent, or empty, or holds
    /// what a making that was cut short left.
    pub fn is_vacant(&self) -> Result<bool, StoreError> {
        if !file::has_folder(&self.path)? {
            return Ok(true);
        }
        let unfinished = file::unfinished(&self.config());
        let mut entries = fs::read_dir(&self.path).map_err(StoreError::io("read", &self.path))?;
        entries.try_fold(true, |vacant, entry| {
            let path = entry.map_err(StoreError::io("read", &self.path))?.path();
            Ok(vacant && (path == unfinished || path == self.path.join(LOCK)))
        })
    }

    /// Makes the folder, for its user only.
    pub fn create(&self) -> Result<(), StoreError> {
        Ok(file::create_folder(&self.path, Access::Private)?)
    }

    /// Locks the folder against other processes, and finishes what one that was killed left: what it did not
    /// complete goes, and what it was destroying too.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        let lock = Lock::acquire(&self.path.join(LOCK), Access::Private, PATIENCE)?;
        let lock = lock.ok_or_else(|| StoreError::Locked {
            path: self.path.clone(),
            waited: PATIENCE,
        })?;
        let keys = self.path.join(KEYS);
        for leftover in files(&keys, &[UNFINISHED, DESTROYING])? {
            overwrite(&leftover)?;
            remove(&leftover)?;
        }
        Ok(lock)
    }
}

/// The name of a disk's key: no path of a disk needs to be one of a file.
pub fn key_name(disk: &Disk) -> String {
    name(disk, &[])
}

/// The name of the record that a key was destroyed.
pub fn destroyed_name(disk: &Disk, commitment: &Commitment) -> String {
    name(disk, commitment.as_bytes())
}

fn name(disk: &Disk, more: &[u8]) -> String {
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

/// Whether a file has the name that it must have for what it says.
pub fn check_name(path: &Path, name: &str) -> Result<(), StoreError> {
    if path.file_name().is_some_and(|found| found == name) {
        return Ok(());
    }
    Err(StoreError::corrupt(
        path,
        "it was renamed, or is another disk's",
    ))
}

/// A file's content, if it is there.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(file::read(path, Access::Private)?)
}

/// Writes a file so that, killed at any moment, it is the one before or the one after, and lasts.
pub fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        file::create_folder(folder, Access::Private)?;
    }
    Ok(file::write(path, &[content], Access::Private)?)
}

/// Destroys a key's file. It loses its name first, so that nobody reads it half overwritten.
pub fn destroy(path: &Path) -> Result<(), StoreError> {
    let destroying = path.with_added_extension(DESTROYING);
    file::rename(path, &destroying, Access::Private)?;
    overwrite(&destroying)?;
    remove(&destroying)
}

/// Overwrites a file in place, if it is there, as far as the file system lets it.
fn overwrite(path: &Path) -> Result<(), StoreError> {
    let Some(mut file) = file::open_to_write(path, Access::Private)? else {
        return Ok(());
    };
    let mut over = || {
        let mut zeros = io::Read::take(io::repeat(0), file.metadata()?.len());
        io::copy(&mut zeros, &mut file)?;
        file.sync_all()
    };
    over().map_err(StoreError::io("overwrite", path))
}

/// Removes a file if it is there, for good.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    file::remove(path)?;
    Ok(())
}

/// The files in a folder, which need not exist, with one of these extensions.
fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, StoreError> {
    if !file::has_folder(folder)? {
        return Ok(vec![]);
    }
    let mut found = vec![];
    for entry in fs::read_dir(folder).map_err(StoreError::io("read", folder))? {
        let path = entry.map_err(StoreError::io("read", folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extensions.iter().any(|one| extension == *one))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
