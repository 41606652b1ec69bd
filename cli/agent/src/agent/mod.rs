//! The agent: what runs beside a device.

mod attempts;
mod beside;
mod duplicate;
mod ledger;
mod reconciler;
#[cfg(test)]
mod tests;
mod verify;

pub use verify::AgentError;

use {
    self::{beside::Beside, ledger::LedgerSide, reconciler::Reconciler, verify::Verifier},
    crate::{
        chain::{follow, Reading, Target},
        config::Config,
        device::Device,
        hook::Hook,
        http::{router, Metrics},
        notify,
        serving::serve,
        state::State,
        status::Status,
    },
    ebb_sdk::{client::Client, fleet::Key, state::Health},
    std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration},
    tokio::{
        net::TcpListener,
        sync::watch,
        time::{interval, sleep, MissedTickBehavior},
    },
};

/// How long what was sent has to end when the agent does.
pub const LAST_SENDS: Duration = Duration::from_secs(3);

/// An agent that has its state folder, its device and its address, and does nothing yet.
pub struct Agent {
    client: Client,
    key: Key,
    fee_payer: Key,
    config: Config,
    state: State,
    device: Device,
    hook: Option<Hook>,
    listener: Option<(TcpListener, SocketAddr)>,
    status: watch::Sender<Status>,
}

impl Agent {
    /// Takes what the agent needs. It reads and sends through `client`; `key` is the agent's, and `fee_payer` pays fees and
    /// rent.
    ///
    /// # Errors
    /// The state folder cannot be used or is in use, the address is taken, or the device's socket cannot be made.
    pub async fn start(
        client: Client,
        key: Key,
        fee_payer: Key,
        config: Config,
    ) -> Result<Self, AgentError> {
        let state = State::open(config.state_directory.clone())?;
        let device = Device::open(&config, state.folder())?;
        let hook = config.hook.clone();
        let hook = hook.map(|program| Hook::open(program, state.folder().clone()));
        let listener = match config.listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self {
            client,
            key,
            fee_payer,
            hook: hook.transpose()?,
            config,
            state,
            device,
            listener,
            status: watch::Sender::default(),
        })
    }

    /// Where it serves metrics and probes.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().map(|(_, address)| *address)
    }

    /// Reconciles until `shutdown` is over. The device stays as it is then.
    ///
    /// # Errors
    /// The state folder is of another device or ledger, there is no such device, or its agent is another one, as far as the
    /// ledger said so before the first change; or what reads the ledger broke off.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), AgentError> {
        let target = Target::new(&self.config.device, self.client.program_id());
        let (readings, reading) = watch::channel(Reading::default());
        let status = self.status;
        let standing = status.subscribe();
        let metrics = Arc::new(Metrics::new(&self.config.device.to_string()));
        let mut beside = Beside::default();
        let client = self.client.clone();
        let followed = target.clone();
        beside.spawn(async move { follow(&client, &followed, &readings).await });
        let health = beside.check_health(&self.config);
        if let Some(hook) = self.hook {
            beside.deliver(hook, reading.clone(), status.clone(), Arc::clone(&metrics));
        }
        if let Some((listener, _)) = self.listener {
            let router = router(standing, Arc::clone(&metrics));
            // That it cannot serve any longer ends nothing else.
            beside.spawn_optional(serve(listener, router));
        }
        let (client, key) = (self.client.clone(), Arc::clone(&self.key));
        let ledger = LedgerSide::new(client, key, self.fee_payer);
        let state = Arc::new(self.state);
        let verifier = Verifier::new(self.client, self.key, target, Arc::clone(&state));
        let mut reconciler =
            Reconciler::new(self.device, &self.config, state, ledger, status, metrics)?;
        let work = work(
            &mut reconciler,
            reading,
            health,
            verifier,
            self.config.interval,
        );
        let ended = tokio::select! {
            () = shutdown => Ok(()),
            ended = pin!(work) => ended,
            () = beside.broke_off() => Err(AgentError::BrokeOff),
        };
        notify::stopping();
        reconciler.end(LAST_SENDS).await;
        ended
    }
}

/// Reconciles at every tick, and when the device has changed on the ledger.
async fn work(
    reconciler: &mut Reconciler,
    mut readings: watch::Receiver<Reading>,
    health: watch::Receiver<Option<Health>>,
    mut verifier: Verifier,
    every: Duration,
) -> Result<(), AgentError> {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_ready = false;
    let mut acted_on = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            changed = changed(&mut readings, acted_on) => if !changed {
                return Err(AgentError::BrokeOff);
            },
            () = reconciler.sent() => continue,
            () = keep_alive() => continue,
        }
        let reading = readings.borrow().clone();
        if reading.number > 0 && !is_ready {
            is_ready = true;
            notify::ready();
        }
        acted_on = Some(version(&reading));
        let standing = verifier.check(&reading).await?;
        let found = *health.borrow();
        reconciler.pass(standing, found).await;
        notify::alive();
    }
}

/// What of a reading calls for another pass when it changes.
type Version = (Option<(u64, u64)>, bool);

fn version(reading: &Reading) -> Version {
    let chain = reading.chain.as_ref().map(|chain| {
        let head = chain.head();
        (head.created_slot, head.sequence)
    });
    (chain, reading.away.is_some())
}

/// Waits until a reading differs from the one that was acted on; returns whether readings go on.
async fn changed(readings: &mut watch::Receiver<Reading>, acted_on: Option<Version>) -> bool {
    let is_new = |reading: &Reading| reading.number > 0 && acted_on != Some(version(reading));
    readings.wait_for(is_new).await.is_ok()
}

/// Waits until the service manager is to hear that the agent is alive.
async fn keep_alive() {
    match notify::watchdog_interval() {
        Some(interval) => {
            sleep(interval).await;
            notify::alive();
        }
        None => std::future::pending().await,
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), AgentError> {
    let failed = |error| AgentError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
