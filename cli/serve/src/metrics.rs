//! What monitoring scrapes: made from the view at that moment, so that what is gone from the view is gone here too.

mod devices;
mod history;
mod series;
#[cfg(test)]
mod tests;
mod traffic;

use {
    self::{devices::OfDevices, history::OfHistory, series::series, traffic::OfTraffic},
    crate::{ingest::Reached, view::View},
    ebb_sdk::{ledger::Traffic, lifecycle::Budget},
    prometheus_client::{
        collector::Collector,
        encoding::{text, DescriptorEncoder},
        metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
        registry::Registry,
    },
    std::{
        collections::BTreeMap,
        fmt,
        sync::Arc,
        time::{Duration, SystemTime, UNIX_EPOCH},
    },
};

/// The bounds of the durations of requests, in seconds.
const DURATIONS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 30.0, 60.0];

type Labels<const N: usize> = [(&'static str, String); N];

/// What the server counts.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Histogram, fn() -> Histogram>,
    readings: Family<Labels<1>, Counter>,
    transactions: Family<Labels<1>, Counter>,
    /// Streams that are open.
    pub sse_clients: Gauge,
    /// Streams that were closed because their client was too slow.
    pub sse_dropped: Counter,
    device_series: usize,
}

impl Metrics {
    /// At most so many devices have series of their own, first those that an alert may be about.
    pub fn new(device_series: usize) -> Self {
        let mut registry = Registry::default();
        let requests: Family<_, _, fn() -> _> =
            Family::new_with_constructor(|| Histogram::new(DURATIONS));
        let (readings, transactions) = (Family::default(), Family::default());
        let (sse_clients, sse_dropped) = (Gauge::default(), Counter::default());
        registry.register(
            "ebb_http_request_duration_seconds",
            "How long requests took, streams until they began",
            requests.clone(),
        );
        registry.register(
            "ebb_view_readings",
            "Readings of the ledger",
            readings.clone(),
        );
        registry.register(
            "ebb_transactions",
            "Transactions that were to be relayed",
            transactions.clone(),
        );
        registry.register("ebb_sse_clients", "Open streams", sse_clients.clone());
        registry.register(
            "ebb_sse_dropped",
            "Streams that were closed because their client was too slow",
            sse_dropped.clone(),
        );
        let build: Family<Labels<1>, Gauge> = Family::default();
        build
            .get_or_create(&[("version", env!("CARGO_PKG_VERSION").to_owned())])
            .set(1);
        registry.register("ebb_build_info", "The version of Ebb", build);
        Self {
            registry,
            requests,
            readings,
            transactions,
            sse_clients,
            sse_dropped,
            device_series,
        }
    }

    /// Counts a request; `route` is the route's pattern.
    pub fn count_request(&self, route: &str, method: &str, status: u16, took: Duration) {
        let labels = [
            ("route", route.to_owned()),
            ("method", method.to_owned()),
            ("status", status.to_string()),
        ];
        let requests = self.requests.get_or_create(&labels);
        requests.observe(took.as_secs_f64());
    }

    /// Counts a reading of the ledger.
    pub fn count_reading(&self, succeeded: bool) {
        let result = if succeeded { "ok" } else { "failed" };
        self.readings
            .get_or_create(&[("result", result.to_owned())])
            .inc();
    }

    /// Counts a transaction that was to be relayed.
    pub fn count_transaction(&self, result: &'static str) {
        self.transactions
            .get_or_create(&[("result", result.to_owned())])
            .inc();
    }

    /// All of it as OpenMetrics text; before the first view and without a history, what there is.
    ///
    /// # Errors
    /// None, as writing to a string cannot fail.
    pub fn render(
        &self,
        view: Option<Arc<View>>,
        history: Reached,
        traffic: Traffic,
    ) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode_registry(&mut text, &self.registry)?;
        let mut registry = Registry::default();
        registry.register_collector(Box::new(OfHistory(history)));
        registry.register_collector(Box::new(OfTraffic(traffic)));
        if let Some(view) = view {
            registry.register_collector(Box::new(OfView {
                view,
                device_series: self.device_series,
            }));
        }
        text::encode_registry(&mut text, &registry)?;
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

/// The metrics of a view.
#[derive(Debug)]
struct OfView {
    view: Arc<View>,
    device_series: usize,
}

impl Collector for OfView {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let out = &mut encoder;
        self.fleet(out)?;
        self.reading(out)?;
        OfDevices::new(&self.view, self.device_series).encode(out)
    }
}

impl OfView {
    fn fleet(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        let view = &self.view;
        let mut counts: BTreeMap<_, i64> = BTreeMap::new();
        for device in view.devices.by_code.values() {
            let head = &device.account.head;
            let location = view.locations.code_or_address(&head.location);
            let key = (
                head.provisioning_status.as_str(),
                head.health.as_str(),
                location,
            );
            *counts.entry(key).or_default() += 1;
        }
        let counts = counts.iter().map(|((status, health, location), count)| {
            let labels = [
                ("status", *status),
                ("health", *health),
                ("location", location.as_ref()),
            ];
            (labels, *count)
        });
        series(out, "ebb_devices", "Devices", counts)?;
        let locations = view.locations.by_code.values();
        let spare = locations.map(|found| {
            let location = &found.account;
            let spare = Budget::of(&location.head).spare();
            ([("location", location.code.as_str())], spare.into())
        });
        series(
            out,
            "ebb_location_budget_headroom",
            "How many more devices may start to drain",
            spare,
        )
    }

    fn reading(&self, out: &mut DescriptorEncoder) -> fmt::Result {
        let view = &self.view;
        let lag = view.lag();
        let read_at = SystemTime::now()
            .checked_sub(lag.age)
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .unwrap_or_default();
        for (name, help, value) in [
            ("ebb_view_slot", "The slot of the view", view.slot),
            (
                "ebb_view_lag_slots",
                "Slots that the view may be behind the ledger",
                lag.slots,
            ),
            (
                "ebb_view_read_timestamp_seconds",
                "When the ledger was read for the view",
                read_at.as_secs(),
            ),
            (
                "ebb_undecodable_accounts",
                "Accounts that cannot be read",
                view.unreadable() as u64,
            ),
        ] {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            series(out, name, help, [([("", ""); 0], value)])?;
        }
        Ok(())
    }
}
