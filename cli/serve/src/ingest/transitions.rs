//! How often devices changed their status.

use {
    crate::store::{Selection, Store, StoreError},
    std::collections::BTreeMap,
};

/// How many entries are read at once.
const PAGE: u32 = 1_000;

/// A change of provisioning status, and who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transition {
    /// The status before.
    pub from: &'static str,
    /// The status after.
    pub to: &'static str,
    /// In which role its signer was.
    pub role: &'static str,
    /// Whether the authority passed holds and budget by force.
    pub forced: bool,
}

/// The transitions in a store up to a position. A retraction takes none back: counts only grow.
#[derive(Debug, Default)]
pub struct Transitions {
    position: i64,
    /// How many of each there are.
    pub counts: BTreeMap<Transition, u64>,
}

impl Transitions {
    /// Counts those that were appended since.
    ///
    /// # Errors
    /// The store cannot be read; those before the failure are counted.
    pub async fn count(&mut self, store: &Store) -> Result<(), StoreError> {
        let all = Selection::default();
        loop {
            let page = store.appended(&all, self.position, PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            for entry in page {
                self.position = entry.position;
                let event = &entry.record.event;
                let statuses = event.statuses().filter(|(from, to)| from != to);
                let Some((from, to)) = statuses.filter(|_| entry.retracts.is_none()) else {
                    continue;
                };
                let transition = Transition {
                    from: from.as_str(),
                    to: to.as_str(),
                    role: event.role.as_str(),
                    forced: event.forced,
                };
                *self.counts.entry(transition).or_default() += 1;
            }
        }
    }
}
