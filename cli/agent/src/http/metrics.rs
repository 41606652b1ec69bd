//! What monitoring scrapes.

use {
    crate::{
        reconcile::Phase,
        status::{seconds, Status},
    },
    ebb_sdk::state::Health,
    prometheus_client::{
        encoding::text,
        metrics::{counter::Counter, family::Family, gauge::Gauge},
        registry::Registry,
    },
    std::{
        fmt,
        sync::{atomic::AtomicU64, Mutex, PoisonError},
    },
};

type MetricLabels = [(&'static str, String); 1];

/// What the agent counts, and how it stands.
pub struct Metrics {
    registry: Registry,
    looks: Family<MetricLabels, Counter>,
    actions: Family<MetricLabels, Counter>,
    transactions: Family<MetricLabels, Counter>,
    hooks: Family<MetricLabels, Counter>,
    of_status: Mutex<OfStatus>,
}

/// What is set from the status when it is scraped.
#[derive(Default)]
struct OfStatus {
    read_at: Gauge,
    is_away: Gauge,
    is_ready: Gauge,
    phase: Family<MetricLabels, Gauge>,
    stays: Gauge,
    duplicate: Gauge,
    sessions: Gauge,
    connected: Gauge,
    rate: Gauge<f64, AtomicU64>,
    health: Family<MetricLabels, Gauge>,
}

impl Metrics {
    /// Nothing is counted yet; `device` is its code.
    pub fn new(device: &str) -> Self {
        let mut registry =
            Registry::with_labels([("device".into(), device.to_owned().into())].into_iter());
        let now = OfStatus::default();
        let (looks, actions) = (Family::default(), Family::default());
        let (transactions, hooks) = (Family::default(), Family::default());
        let mut counted = |name: &str, help: &str, counter: &Family<MetricLabels, Counter>| {
            registry.register(name, help, counter.clone());
        };
        counted("ebb_agent_looks", "Looks at who is connected", &looks);
        counted("ebb_agent_actions", "Changes of the device", &actions);
        counted("ebb_agent_transactions", "Transactions", &transactions);
        counted("ebb_agent_hook_runs", "Runs of the hook", &hooks);
        now.register(&mut registry);
        let build: Family<MetricLabels, Gauge> = Family::default();
        build
            .get_or_create(&[("version", env!("CARGO_PKG_VERSION").to_owned())])
            .set(1);
        registry.register("ebb_build_info", "The version of Ebb", build);
        Self {
            registry,
            looks,
            actions,
            transactions,
            hooks,
            of_status: Mutex::new(now),
        }
    }

    /// Counts a look at who is connected.
    pub fn count_look(&self, succeeded: bool) {
        self.looks.get_or_create(&result(succeeded)).inc();
    }

    /// Counts a change of the device.
    pub fn count_action(&self, succeeded: bool) {
        self.actions.get_or_create(&result(succeeded)).inc();
    }

    /// Counts transactions.
    pub fn count_transactions(&self, count: usize, succeeded: bool) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.transactions
            .get_or_create(&result(succeeded))
            .inc_by(count);
    }

    /// Counts a run of the hook.
    pub fn count_hook(&self, succeeded: bool) {
        self.hooks.get_or_create(&result(succeeded)).inc();
    }

    /// All of it as OpenMetrics text.
    ///
    /// # Errors
    /// None, as writing to a string cannot fail.
    pub fn render(&self, status: &Status) -> Result<String, fmt::Error> {
        // One scrape at a time: two would set each other's values.
        let of_status = self.of_status.lock();
        let of_status = of_status.unwrap_or_else(PoisonError::into_inner);
        of_status.set(status);
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl OfStatus {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "ebb_agent_ledger_read_timestamp_seconds",
            "When the ledger was read last; 0 for never",
            self.read_at.clone(),
        );
        registry.register(
            "ebb_agent_ledger_away",
            "Whether the ledger cannot be read, so that nothing is changed",
            self.is_away.clone(),
        );
        registry.register(
            "ebb_agent_ready",
            "Whether the agent can do its work",
            self.is_ready.clone(),
        );
        registry.register(
            "ebb_agent_phase",
            "How far the agent is",
            self.phase.clone(),
        );
        registry.register(
            "ebb_agent_traffic_stays",
            "Whether a draining device goes on forwarding, as a peer does not honour graceful shutdown or clients stick",
            self.stays.clone(),
        );
        registry.register(
            "ebb_agent_duplicate",
            "Whether somebody else acts with the agent's key, as a second agent of the device does, so that nothing is changed",
            self.duplicate.clone(),
        );
        registry.register(
            "ebb_agent_sessions",
            "Sessions that are open on the ledger",
            self.sessions.clone(),
        );
        registry.register(
            "ebb_agent_connected_users",
            "Users who are connected to the device; -1 while it is unknown",
            self.connected.clone(),
        );
        registry.register(
            "ebb_agent_forwarded_packets_per_second",
            "Packets that the device forwards; NaN while it is unknown",
            self.rate.clone(),
        );
        registry.register(
            "ebb_agent_health",
            "What the health check has found",
            self.health.clone(),
        );
    }

    fn set(&self, status: &Status) {
        self.read_at.set(signed(status.read_at.map_or(0, seconds)));
        self.is_away.set(i64::from(status.away.is_some()));
        self.is_ready.set(i64::from(status.is_ready()));
        for name in Phase::NAMES {
            let is_now = i64::from(name == status.phase.name());
            self.phase
                .get_or_create(&[("phase", name.to_owned())])
                .set(is_now);
        }
        let stays = matches!(status.phase, Phase::Staying(_));
        self.stays.set(i64::from(stays));
        self.duplicate.set(i64::from(status.duplicate.is_some()));
        self.sessions.set(signed(status.sessions));
        self.connected.set(status.connected.map_or(-1, signed));
        self.rate.set(status.rate.unwrap_or(f64::NAN));
        if let Some(found) = status.health {
            for health in [Health::Unknown, Health::Healthy, Health::Unhealthy] {
                self.health
                    .get_or_create(&[("health", health.as_str().to_owned())])
                    .set(i64::from(health == found));
            }
        }
    }
}

fn result(succeeded: bool) -> MetricLabels {
    let result = if succeeded { "ok" } else { "failed" };
    [("result", result.to_owned())]
}

fn signed(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}
