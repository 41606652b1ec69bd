//! What differs between two views.

use {
    super::{Table, View},
    ebb_sdk::{
        client::Keyed,
        state::{Contributor, Device, Location, Registry},
    },
    std::sync::Arc,
};

/// All that differs between two views, in the order of the codes.
#[derive(Debug)]
pub struct Changes {
    /// Devices that are not as they were.
    pub devices: Vec<Change>,
    /// Contributors that are not as they were, as they are.
    pub contributors: Vec<Arc<Keyed<Contributor>>>,
    /// Locations that are not as they were, as they are.
    pub locations: Vec<Arc<Keyed<Location>>>,
    /// The registry as it is, if it is not as it was and can be read.
    pub registry: Option<Registry>,
}

impl Changes {
    /// All that differs.
    pub fn between(before: &View, after: &View) -> Self {
        Self {
            devices: Change::between(&before.devices, &after.devices),
            contributors: changed(&before.contributors, &after.contributors),
            locations: changed(&before.locations, &after.locations),
            registry: changed_registry(before, after),
        }
    }

    /// How many accounts differ.
    pub fn count(&self) -> usize {
        let registry = usize::from(self.registry.is_some());
        self.devices.len() + self.contributors.len() + self.locations.len() + registry
    }
}

fn changed_registry(before: &View, after: &View) -> Option<Registry> {
    let is_changed = before.registry != after.registry;
    after.registry?.ok().filter(|_| is_changed)
}

/// Returns the accounts that are not as they were. One that has not changed shares its memory.
fn changed<T>(before: &Arc<Table<T>>, after: &Arc<Table<T>>) -> Vec<Arc<Keyed<T>>> {
    if Arc::ptr_eq(before, after) {
        return vec![];
    }
    let is_known = |(code, account): &(&String, &Arc<Keyed<T>>)| {
        let known = before.by_code.get(*code);
        known.is_some_and(|known| Arc::ptr_eq(known, account))
    };
    let accounts = after.by_code.iter().filter(|found| !is_known(found));
    accounts.map(|(_, account)| Arc::clone(account)).collect()
}

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
        let mut changes = vec![];
        let mut known = before.by_code.iter().peekable();
        for (code, device) in &after.by_code {
            while let Some((_, gone)) = known.next_if(|(known, _)| *known < code) {
                changes.push(Self::new(Some(gone), None));
            }
            let known = known.next_if(|(known, _)| *known == code);
            // What has not changed shares its memory.
            if !known.is_some_and(|(_, known)| Arc::ptr_eq(known, device)) {
                changes.push(Self::new(known.map(|(_, known)| known), Some(device)));
            }
        }
        changes.extend(known.map(|(_, gone)| Self::new(Some(gone), None)));
        changes
    }

    fn new(before: Option<&Arc<Keyed<Device>>>, after: Option<&Arc<Keyed<Device>>>) -> Self {
        Self {
            before: before.cloned(),
            after: after.cloned(),
        }
    }
}
