use {
    super::{Missing, Standstill},
    crate::store::{Store, StoreError},
    ebb_sdk::ledger::Finality,
    std::sync::Arc,
};

/// What an ingest has reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether this process writes to the store, and not another one.
    pub is_ingesting: bool,
    /// The slot up to which what is confirmed was read.
    pub confirmed_slot: Option<u64>,
    /// The slot up to which what is final was read.
    pub final_slot: Option<u64>,
    /// The position of the newest entry; 0 where there is none.
    pub position: i64,
    /// When the ledger was asked the last time that all it had was read into the store then, in Unix seconds; `None` before
    /// the first.
    pub read_at: Option<i64>,
    /// What is missing as of the last check; `None` before the first.
    pub missing: Option<Arc<Missing>>,
    /// Holes of it that may still be filled.
    pub gaps: Option<usize>,
    /// Holes that no node can fill; `None` until there is one or it is known that there is none.
    pub lost_ranges: Option<usize>,
    /// Transactions that cannot be read.
    pub dead_letters: usize,
    /// What stands in the way now.
    pub problem: Option<Standstill>,
}

impl Status {
    /// The same with what a store has now. What is missing stays, as it takes a look at every event.
    pub(super) async fn with_stored(self, store: &Store) -> Result<Self, StoreError> {
        let confirmed = store.cursor(Finality::Confirmed).await?;
        let is_final = store.cursor(Finality::Final).await?;
        let lost_ranges = store.lost_range_count().await?;
        let is_known = lost_ranges > 0 || self.missing.is_some();
        Ok(Self {
            confirmed_slot: confirmed.map(|cursor| cursor.slot),
            final_slot: is_final.map(|cursor| cursor.slot),
            position: store.position().await?,
            gaps: self.missing.as_deref().map(open),
            lost_ranges: is_known.then_some(lost_ranges),
            dead_letters: store.dead_letter_count().await?,
            ..self
        })
    }

    /// Whether there is more to it than that the ledger was read again.
    pub(super) fn has_news(&self, before: &Self) -> bool {
        let read_at = self.read_at;
        *self
            != Self {
                read_at,
                ..before.clone()
            }
    }
}

fn open(missing: &Missing) -> usize {
    missing.iter().filter(|(_, is_lost)| !is_lost).count()
}
