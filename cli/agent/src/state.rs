//! The agent's state folder: whose it is, who uses it, and what is kept in it.

use {
    crate::Unknown,
    ebb_folder::{Access, FileError, Folder, Lock},
    serde::{de::DeserializeOwned, Deserialize, Serialize},
    std::{path::PathBuf, time::Duration},
};

/// The file that names the device.
const IDENTITY: &str = "device.json";
/// The file that one agent at a time keeps locked.
const LOCK: &str = "lock";

/// Which device a folder is of. Another ledger has other users, and so another folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// What distinguishes the ledger.
    pub genesis: String,
    /// The program's id.
    pub program: String,
    /// The device's address.
    pub device: String,
}

/// Why a state folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The folder, or a file in it.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process has it.
    #[error("another agent runs with the state folder {0}; a device has one agent at a time")]
    InUse(PathBuf),
    /// The folder is of another device, ledger or program.
    #[error(
        "the state folder {folder} is of another {what}: it is of {found}, and this is {here}"
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        what: &'static str,
        /// As the folder has it.
        found: String,
        /// As it is here.
        here: String,
    },
    /// A file's content is none of an agent's.
    #[error("{path}: {error}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: serde_json::Error,
    },
}

impl From<StateError> for Unknown {
    fn from(error: StateError) -> Self {
        Self::because(error)
    }
}

/// A state folder that this process uses alone.
#[derive(Debug)]
pub struct State {
    folder: Folder,
    _lock: Lock,
}

impl State {
    /// Makes the folder if it is absent, and locks it.
    ///
    /// # Errors
    /// It cannot be used, or another agent uses it.
    pub fn open(path: PathBuf) -> Result<Self, StateError> {
        let folder = Folder::new(path, Access::Private);
        folder.create()?;
        let lock = folder.lock(LOCK, Duration::ZERO)?;
        let lock = lock.ok_or_else(|| StateError::InUse(folder.path().to_owned()))?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Binds the folder to a device, unless it is bound to it already.
    ///
    /// # Errors
    /// It is another one's.
    pub fn bind(&self, here: &Identity) -> Result<(), StateError> {
        let Some(found) = identity(&self.folder)? else {
            return write(&self.folder, IDENTITY, here);
        };
        let parts = [
            ("genesis", &found.genesis, &here.genesis),
            ("program", &found.program, &here.program),
            ("device", &found.device, &here.device),
        ];
        let foreign = parts.into_iter().find(|(_, found, here)| found != here);
        match foreign {
            None => Ok(()),
            Some((what, found, here)) => Err(StateError::Foreign {
                folder: self.folder.path().to_owned(),
                what,
                found: found.clone(),
                here: here.clone(),
            }),
        }
    }
}

/// Which device a folder is of; `None` if it is no agent's yet.
///
/// # Errors
/// It cannot be read, or is none of an agent's.
pub fn identity(folder: &Folder) -> Result<Option<Identity>, StateError> {
    read(folder, IDENTITY)
}

/// What a file of a state folder has; `None` if it is absent.
///
/// # Errors
/// It cannot be read, or is none of an agent's.
pub fn read<T: DeserializeOwned>(folder: &Folder, name: &str) -> Result<Option<T>, StateError> {
    let Some(content) = folder.read(name)? else {
        return Ok(None);
    };
    let path = folder.path_of(name);
    serde_json::from_slice(&content)
        .map(Some)
        .map_err(|error| StateError::Content { path, error })
}

/// Replaces a file of a state folder; it lasts when this returns.
///
/// # Errors
/// It cannot be written; then it is as it was.
pub fn write<T: Serialize>(folder: &Folder, name: &str, value: &T) -> Result<(), StateError> {
    let path = folder.path_of(name);
    let content = serde_json::to_vec(value).map_err(|error| StateError::Content { path, error })?;
    Ok(folder.write(name, &[&content])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(genesis: &str, device: &str) -> Identity {
        Identity {
            genesis: genesis.into(),
            program: "P".into(),
            device: device.into(),
        }
    }

    #[test]
    fn a_folder_is_one_devices() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let state = State::open(path.clone()).unwrap();
        state.bind(&identity("G", "D")).unwrap();
        state.bind(&identity("G", "D")).unwrap();
        let said = |here| state.bind(&here).unwrap_err().to_string();
        assert_eq!(
            said(identity("H", "D")),
            format!(
                "the state folder {} is of another genesis: it is of G, and this is H",
                path.display()
            )
        );
        assert!(said(identity("G", "E")).ends_with("another device: it is of D, and this is E"));
    }

    #[test]
    fn a_folder_is_one_agents_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let first = State::open(path.clone()).unwrap();
        assert_eq!(
            State::open(path.clone()).unwrap_err().to_string(),
            format!(
                "another agent runs with the state folder {}; a device has one agent at a time",
                path.display()
            )
        );
        drop(first);
        State::open(path).unwrap();
    }
}
