//! One pass after another: observe, plan, remember, act.

use {
    super::{ledger::LedgerSide, verify::Standing, AgentError},
    crate::{
        actuator::{Actuator, Managed, Preference},
        chain::{Act, Chain, LedgerChanges},
        config::Config,
        device::Device,
        health::to_report,
        http::Metrics,
        labels::Labels,
        notify,
        provider::Seen,
        reconcile::{plan, Action, Memory, Phase, Plan, Rules, Shown},
        state::{self, State, StateError},
        status::Status,
        Unknown,
    },
    ebb_sdk::state::{Health, ProvisioningStatus},
    std::{
        collections::BTreeSet,
        future::Future,
        sync::Arc,
        time::{Duration, Instant, SystemTime},
    },
    tokio::{sync::watch, time::timeout},
};

/// The file of what is remembered.
const FILE: &str = "memory.json";
/// How long the device may take for one answer or change.
const WITHIN: Duration = Duration::from_secs(15);
/// After how long a pass that changes the device ends, so that the ledger is read again.
const PASS_WITHIN: Duration = Duration::from_secs(30);

/// Reconciles a device with the ledger.
pub struct Reconciler {
    device: Device,
    rules: Rules,
    memory: Memory,
    labels: Labels,
    state: Arc<State>,
    ledger: LedgerSide,
    status: watch::Sender<Status>,
    metrics: Arc<Metrics>,
    began: Instant,
    /// What was logged last, so that it is logged once.
    logged: BTreeSet<String>,
    phase: Option<&'static str>,
}

/// What the device has shown in a pass, and the ledger of who changed it.
#[derive(Default)]
struct Observed {
    seen: Option<Vec<Seen>>,
    managed: Option<Managed>,
    forwarded: Option<u64>,
    can_forward: Option<bool>,
    acts: Option<Vec<Act>>,
    unseen: Option<String>,
    unmanaged: Option<String>,
    unattributed: Option<String>,
    duplicate: Option<String>,
}

impl Reconciler {
    /// Goes on where the state folder says.
    ///
    /// # Errors
    /// The folder's file cannot be read.
    pub fn new(
        device: Device,
        config: &Config,
        state: Arc<State>,
        ledger: LedgerSide,
        status: watch::Sender<Status>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, AgentError> {
        let memory = state::read(state.folder(), FILE)?;
        let labels = Labels::read(state.folder())?;
        Ok(Self {
            device,
            rules: Rules {
                converge: config.converge,
                idle_rate: config.idle_rate,
                interval: config.interval,
                absences: config.absences,
            },
            memory: memory.unwrap_or_default(),
            labels,
            state,
            ledger,
            status,
            metrics,
            began: Instant::now(),
            logged: BTreeSet::new(),
            phase: None,
        })
    }

    /// Observes the device, and changes it and the ledger as far as the agent acts.
    pub async fn pass(&mut self, standing: Standing, health: Option<Health>) {
        let chain = match &standing {
            Standing::Acts { chain, .. } => Some(Arc::clone(chain)),
            Standing::Away(_) | Standing::Idle(_) => None,
        };
        let mut observed = self.observe(chain.as_deref()).await;
        if let Some(chain) = &chain {
            self.look_back(chain, &mut observed).await;
        }
        let phase = match &standing {
            Standing::Acts { chain, read_at } if observed.duplicate.is_none() => {
                self.keep_labels(chain, observed.seen.as_deref());
                let may_send = self.ledger.may_send(*read_at);
                Some(self.reconcile(chain, may_send, &mut observed, health).await)
            }
            _ => None,
        };
        self.report(&standing, &observed, health, phase);
    }

    /// Waits until what is being sent has ended.
    pub async fn sent(&mut self) {
        let Some(sent) = self.ledger.sent().await else {
            return;
        };
        self.metrics.count_transactions(sent.transactions, true);
        self.metrics.count_transactions(sent.failures.len(), false);
        let failed = sent.failures.first().cloned();
        self.status.send_modify(|status| status.unsent = failed);
    }

    /// Waits for a while until what is being sent has ended.
    pub async fn end(self, within: Duration) {
        self.ledger.end(within).await;
    }

    async fn observe(&mut self, chain: Option<&Chain>) -> Observed {
        let mut observed = Observed::default();
        match in_time(self.device.provider.look()).await {
            Ok(seen) => observed.seen = Some(seen),
            Err(reason) => observed.unseen = Some(reason.to_string()),
        }
        self.metrics.count_look(observed.seen.is_some());
        let Some(actuator) = &mut self.device.actuator else {
            return observed;
        };
        let mut first = None;
        let mut known = |reason: Unknown| {
            first.get_or_insert(reason.to_string());
        };
        observed.managed = in_time(actuator.managed()).await.map_err(&mut known).ok();
        observed.forwarded = in_time(actuator.forwarded()).await.map_err(&mut known).ok();
        let is_returning = observed.managed.as_ref().is_some_and(|managed| {
            managed.preference == Preference::LoweredByAgent && managed.shut.is_empty()
        });
        let serves = chain
            .is_some_and(|chain| chain.head().provisioning_status == ProvisioningStatus::Activated);
        if is_returning && serves {
            observed.can_forward = in_time(actuator.can_forward())
                .await
                .map_err(&mut known)
                .ok();
        }
        observed.unmanaged = first;
        observed
    }

    /// Finds out who changed the device on the ledger since the last pass.
    async fn look_back(&mut self, chain: &Chain, observed: &mut Observed) {
        let (since, now) = (self.memory.sequence(chain), self.began.elapsed());
        match self.ledger.acts(chain, since, now).await {
            Ok(acts) => observed.acts = Some(acts),
            Err(reason) => observed.unattributed = Some(reason.to_string()),
        }
        observed.duplicate = self.ledger.duplicate(now);
    }

    /// Plans and acts; returns how far the agent is.
    async fn reconcile(
        &mut self,
        chain: &Chain,
        may_send: bool,
        observed: &mut Observed,
        health: Option<Health>,
    ) -> Phase {
        let now = self.began.elapsed();
        let shown = Shown {
            seen: observed.seen.as_deref(),
            managed: observed.managed.as_ref(),
            forwarded: observed.forwarded,
            can_forward: observed.can_forward,
            acts: observed.acts.as_deref(),
        };
        let manages = self.device.actuator.is_some();
        let (plan, memory) = plan(chain, manages, shown, &self.rules, &self.memory, now);
        let changes = if may_send {
            LedgerChanges {
                open: plan.open.clone(),
                close: plan.close.clone(),
                health: health.and_then(|found| to_report(chain, found)),
            }
        } else {
            LedgerChanges::default()
        };
        if let Err(error) = self.remember(memory) {
            observed.unmanaged = Some(error.to_string());
            return plan.phase;
        }
        self.ledger.send(changes, chain);
        let failed = self.act(&plan).await;
        if let Some(reason) = failed {
            observed.unmanaged.get_or_insert(reason);
        }
        plan.phase
    }

    /// Remembers; what is to last is written down before anything is done.
    fn remember(&mut self, memory: Memory) -> Result<(), StateError> {
        let lasting = memory.lasting();
        if lasting != self.memory.lasting() {
            state::write(self.state.folder(), FILE, &lasting)?;
        }
        self.memory = memory;
        Ok(())
    }

    /// Keeps what the users are called, which whoever lists sessions here is shown. Nothing else depends on it.
    fn keep_labels(&mut self, chain: &Chain, seen: Option<&[Seen]>) {
        let has_session = |user: &_| chain.sessions.contains_key(user);
        let labels = Labels::of(seen.into_iter().flatten(), has_session, &self.labels);
        if labels == self.labels {
            return;
        }
        match labels.write(self.state.folder()) {
            Ok(()) => self.labels = labels,
            Err(error) => tracing::debug!(%error, "the labels of users are not written down"),
        }
    }

    /// Changes the device; returns why something was not done.
    async fn act(&mut self, plan: &Plan) -> Option<String> {
        let actuator = self.device.actuator.as_mut()?;
        let (began, mut failed) = (Instant::now(), None);
        for action in &plan.actions {
            let done = perform(actuator.as_mut(), action).await;
            self.metrics.count_action(done.is_ok());
            match done {
                Ok(()) => tracing::info!(%action, "changed the device"),
                Err(reason) => {
                    tracing::debug!(%action, %reason, "the device was not changed");
                    failed.get_or_insert(reason.to_string());
                }
            }
            notify::alive();
            // The ledger may say something else by now.
            if began.elapsed() > PASS_WITHIN {
                break;
            }
        }
        failed
    }

    fn report(
        &mut self,
        standing: &Standing,
        observed: &Observed,
        health: Option<Health>,
        phase: Option<Phase>,
    ) {
        let rate = self.memory.rate();
        let connected = observed.seen.as_deref().map(connected);
        self.status.send_modify(|status| {
            (status.away, status.idle_because) = match standing {
                Standing::Acts { chain, read_at } => {
                    status.read_at = SystemTime::now().checked_sub(read_at.elapsed());
                    status.sessions = chain.sessions.len();
                    (None, None)
                }
                Standing::Away(away) => (Some(away.clone()), None),
                Standing::Idle(reason) => (None, Some(reason.clone())),
            };
            status.unseen = observed.unseen.clone();
            status.unmanaged = observed.unmanaged.clone();
            status.unattributed = observed.unattributed.clone();
            status.duplicate = observed.duplicate.clone();
            status.connected = connected;
            status.rate = rate;
            status.health = health;
            if let Some(phase) = phase {
                status.phase = phase;
            }
        });
        let status = self.status.borrow().clone();
        notify::status(&status.line());
        self.log(&status);
    }

    /// Logs what is new.
    fn log(&mut self, status: &Status) {
        if self.phase != Some(status.phase.name()) {
            self.phase = Some(status.phase.name());
            let phase = status.phase.name();
            match status.phase {
                Phase::Staying(_) => tracing::warn!(phase, "{}", status.phase),
                _ => tracing::info!(phase, sessions = status.sessions, "{}", status.phase),
            }
        }
        let problems = status.kinds_of_problems();
        for (kind, text) in &problems {
            if !self.logged.contains(*kind) {
                tracing::warn!(kind, "{text}");
            }
        }
        let kinds: BTreeSet<String> = problems.into_iter().map(|(kind, _)| kind.into()).collect();
        for kind in self.logged.difference(&kinds) {
            tracing::info!(kind, "over");
        }
        self.logged = kinds;
    }
}

async fn perform(actuator: &mut dyn Actuator, action: &Action) -> Result<(), Unknown> {
    match action {
        Action::DePrefer => in_time(actuator.de_prefer()).await,
        Action::Prefer => in_time(actuator.prefer()).await,
        Action::Shut(label) => in_time(actuator.shut(label)).await,
        Action::Open(label) => in_time(actuator.open(label)).await,
    }
}

/// A device that does not answer is unknown.
async fn in_time<T>(asked: impl Future<Output = Result<T, Unknown>>) -> Result<T, Unknown> {
    match timeout(WITHIN, asked).await {
        Ok(answered) => answered,
        Err(_) => {
            let seconds = WITHIN.as_secs();
            Err(Unknown::because(format!(
                "it did not answer within {seconds} s"
            )))
        }
    }
}

/// How many labels are connected.
fn connected(seen: &[Seen]) -> usize {
    let labels = seen.iter().filter(|seen| seen.connected);
    let labels: BTreeSet<&str> = labels.map(|seen| seen.label.as_str()).collect();
    labels.len()
}
