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
