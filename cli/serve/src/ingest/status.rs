use {
    super::Missing,
    crate::store::{Store, StoreError},
    ebb_sdk::ledger::Finality,
    std::sync::Arc,
};

/// What an ingest has reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether this process writes to the store, and not another one.
    pub is_ingesting: bool,
    /// Whether the ledger is not the store's any more, so that the store has nothing to say of it.
    pub is_of_other_ledger: bool,
    /// The slot up to which what is confirmed was read.
    pub confirmed_slot: Option<u64>,
    /// The slot up to which what is final was read.
    pub final_slot: Option<u64>,
    /// The position of the newest entry; 0 where there is none.
    pub position: i64,
    /// What is missing as of the last check; `None` before the first.
    pub missing: Option<Arc<Missing>>,
    /// Holes of it that may still be filled.
    pub gaps: Option<usize>,
    /// Holes that no node can fill; `None` until there is one or it is known that there is none.
    pub lost_ranges: Option<usize>,
    /// Transactions that cannot be read.
    pub dead_letters: usize,
    /// What stands in the way now.
    pub problem: Option<String>,
}

impl Status {
    /// Reads it from a store, but for what is missing, which takes a look at every event.
    pub(super) async fn of(
        store: &Store,
        is_ingesting: bool,
        missing: Option<Arc<Missing>>,
        problem: Option<String>,
    ) -> Result<Self, StoreError> {
        let confirmed = store.cursor(Finality::Confirmed).await?;
        let is_final = store.cursor(Finality::Final).await?;
        let lost_ranges = store.lost_range_count().await?;
        let is_known = lost_ranges > 0 || missing.is_some();
        Ok(Self {
            is_ingesting,
            is_of_other_ledger: false,
            confirmed_slot: confirmed.map(|cursor| cursor.slot),
            final_slot: is_final.map(|cursor| cursor.slot),
            position: store.position().await?,
            gaps: missing.as_deref().map(open),
            missing,
            lost_ranges: is_known.then_some(lost_ranges),
            dead_letters: store.dead_letter_count().await?,
            problem,
        })
    }
}

fn open(missing: &Missing) -> usize {
    missing.iter().filter(|(_, is_lost)| !is_lost).count()
}
