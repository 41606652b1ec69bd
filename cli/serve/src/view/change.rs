//! What differs between two views.

use {
    super::Table,
    ebb_sdk::{client::Keyed, state::Device},
    std::sync::Arc,
};

/// A device that is not as it was.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it was; `None` if it was not there.
    pub before: Option<Arc<Keyed<Device>>>,
    /// As it is; `None` if it is not there any more.
    pub after: Option<Arc<Keyed<Device>>>,
}

impl Change {
    /// All that differs, in the order of the codes.
    pub fn between(before: &Table<Device>, after: &Table<Device>) -> Vec<Self> {
        let mut changes: Vec<Self> = vec![];
        for (code, device) in &after.by_code {
            let known = before.get(code);
            // What has not changed shares its memory.
            if !known.is_some_and(|known| Arc::ptr_eq(known, device)) {
                changes.push(Self {
                    before: known.cloned(),
                    after: Some(Arc::clone(device)),
                });
            }
        }
        for (code, device) in &before.by_code {
            if after.get(code).is_none() {
                changes.push(Self {
                    before: Some(Arc::clone(device)),
                    after: None,
                });
            }
        }
        changes.sort_by(|a, b| a.code().cmp(b.code()));
        changes
    }

    /// The device's code.
    pub fn code(&self) -> &str {
        let device = self.after.as_ref().or(self.before.as_ref());
        device.map_or("", |device| &device.account.code)
    }
}
