//! How old what a page shows is.

use {
    super::{super::state::Shared, part::Moment},
    crate::view::View,
    ebb_sdk::text::count,
    url::form_urlencoded::Serializer,
};

/// How old what a page shows is, and where a stream of changes goes on behind it.
pub struct Freshness {
    /// Nothing on the page is older than this slot.
    pub slot: u64,
    /// The ledger's time when it was read.
    pub read_at: Option<Moment>,
    /// The slots that the ledger may be ahead.
    pub lag: String,
    /// The same in seconds.
    pub lag_seconds: u64,
    /// Whether the lag exceeds what the server is to allow.
    pub is_stale: bool,
    /// The ledger's time now, in Unix seconds.
    pub now: i64,
    /// The address of the stream behind it.
    pub events: String,
}

impl Freshness {
    /// The freshness of a view now, and the stream of the changes that pass these filters.
    pub fn of(shared: &Shared, view: &View, filters: &[(&str, &str)]) -> Self {
        let lag = view.lag();
        let age = i64::try_from(lag.age.as_secs()).unwrap_or_default();
        let now = view.time.saturating_add(age);
        Self {
            slot: view.slot,
            read_at: Moment::new(view.time, now),
            lag: count(u32::try_from(lag.slots).unwrap_or(u32::MAX), "slot"),
            lag_seconds: lag.time().as_secs(),
            is_stale: lag.time() > shared.max_lag,
            now,
            events: events(&shared.views.position(view.version).to_string(), filters),
        }
    }
}

fn events(position: &str, filters: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("after", position).extend_pairs(filters);
    format!("/api/v1/events?{}", query.finish())
}
