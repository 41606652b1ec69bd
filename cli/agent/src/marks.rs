//! What the agent has set where a device carries no mark of it.

use {crate::Unknown, ebb_folder::Folder, std::collections::BTreeSet};

/// The file of the marks.
const FILE: &str = "marks.json";

/// Names of what the agent has set on its device, kept in its state folder. A mark is set before the change and removed
/// after it was lifted, so that nothing the agent has set is ever without one.
#[derive(Debug)]
pub struct Marks {
    folder: Folder,
    set: BTreeSet<String>,
}

impl Marks {
    /// The marks in a state folder.
    ///
    /// # Errors
    /// The file cannot be read, or is none of an agent's.
    pub fn open(folder: Folder) -> Result<Self, Unknown> {
        let set = match folder.read(FILE).map_err(Unknown::because)? {
            Some(content) => serde_json::from_slice(&content).map_err(|error| {
                Unknown::because(format!("{}: {error}", folder.path_of(FILE).display()))
            })?,
            None => BTreeSet::new(),
        };
        Ok(Self { folder, set })
    }

    /// Whether a mark is set.
    pub fn has(&self, name: &str) -> bool {
        self.set.contains(name)
    }

    /// Sets a mark, which lasts when this returns.
    ///
    /// # Errors
    /// It cannot be written; then nothing may be changed on the device.
    pub fn set(&mut self, name: &str) -> Result<(), Unknown> {
        match self.set.insert(name.to_owned()) {
            true => self.write().inspect_err(|_| {
                self.set.remove(name);
            }),
            false => Ok(()),
        }
    }

    /// Removes a mark.
    ///
    /// # Errors
    /// It cannot be written; then it stays set.
    pub fn remove(&mut self, name: &str) -> Result<(), Unknown> {
        match self.set.remove(name) {
            true => self.write().inspect_err(|_| {
                self.set.insert(name.to_owned());
            }),
            false => Ok(()),
        }
    }

    fn write(&self) -> Result<(), Unknown> {
        let content = serde_json::to_vec(&self.set).map_err(Unknown::because)?;
        self.folder
            .write(FILE, &[&content])
            .map_err(Unknown::because)
    }
}
