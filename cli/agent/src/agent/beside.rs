//! What goes on beside the reconciler.

use {
    crate::{
        chain::Reading, config::Config, health, hook::Hook, http::Metrics, status::Status, Unknown,
    },
    ebb_sdk::state::Health,
    std::{future::Future, sync::Arc},
    tokio::{sync::watch, task::JoinSet},
};

/// Tasks that end with this.
#[derive(Default)]
pub struct Beside {
    needed: JoinSet<()>,
    optional: JoinSet<()>,
}

impl Beside {
    /// Runs what the agent cannot do without.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.needed.spawn(task);
    }

    /// Runs what it can do without.
    pub fn spawn_optional(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.optional.spawn(task);
    }

    /// Returns when something that the agent cannot do without has ended, which is a fault.
    pub async fn broke_off(&mut self) {
        if self.needed.join_next().await.is_none() {
            std::future::pending().await
        }
    }

    /// Runs the health check, if there is one.
    pub fn check_health(&mut self, config: &Config) -> watch::Receiver<Option<Health>> {
        let (found, finding) = watch::channel(None);
        if let Some(program) = config.health_check.clone() {
            let every = config.health_interval;
            self.spawn(async move { health::follow(&program, every, &found).await });
        }
        finding
    }

    /// Delivers events to the hook.
    pub fn deliver(
        &mut self,
        hook: Hook,
        readings: watch::Receiver<Reading>,
        status: watch::Sender<Status>,
        metrics: Arc<Metrics>,
    ) {
        let ended = move |result: Result<(), &Unknown>| {
            metrics.count_hook(result.is_ok());
            if let Err(reason) = result {
                tracing::warn!(%reason, "the hook failed, and runs again");
            }
            let failed = result.err().map(ToString::to_string);
            status.send_modify(|status| status.hook_failed = failed);
        };
        self.spawn_optional(hook.follow(readings, ended));
    }
}
