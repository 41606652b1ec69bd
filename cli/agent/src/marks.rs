//! What the agent has set where a device carries no mark of it.

use {
    crate::{state, Unknown},
    ebb_folder::Folder,
    std::collections::BTreeSet,
};

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
    pub fn open(folder: Folder) -> Result<Self, state::StateError> {
        let set = state::read(&folder, FILE)?.unwrap_or_default();
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
        self.change(|set| set.insert(name.to_owned()))
    }

    /// Removes a mark.
    ///
    /// # Errors
    /// It cannot be written; then it stays set.
    pub fn remove(&mut self, name: &str) -> Result<(), Unknown> {
        self.change(|set| set.remove(name))
    }

    fn change(
        &mut self,
        change: impl FnOnce(&mut BTreeSet<String>) -> bool,
    ) -> Result<(), Unknown> {
        let mut changed = self.set.clone();
        if change(&mut changed) {
            state::write(&self.folder, FILE, &changed)?;
            self.set = changed;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_folder::Access};

    #[test]
    fn a_mark_outlives_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path().join("state"), Access::Private);
        folder.create().unwrap();
        let mut marks = Marks::open(folder.clone()).unwrap();
        assert!(!marks.has("graceful-shutdown"));
        marks.set("graceful-shutdown").unwrap();
        assert!(Marks::open(folder.clone())
            .unwrap()
            .has("graceful-shutdown"));
        marks.remove("graceful-shutdown").unwrap();
        assert!(!Marks::open(folder).unwrap().has("graceful-shutdown"));
    }
}
