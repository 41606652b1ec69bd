//! Whether the agent may act: on this ledger, for this device, with this key.

use {
    crate::{
        chain::{Away, Chain, Reading, Target},
        device::DeviceError,
        machine::DeviceLock,
        state::{Identity, State, StateError},
    },
    ebb_sdk::{client::Client, fleet::Key, state::present},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::{
        io,
        net::SocketAddr,
        sync::Arc,
        time::{Duration, Instant},
    },
    tokio::time::timeout,
};

/// How old a reading may be that is acted on.
const FRESH_FOR: Duration = Duration::from_secs(30);
/// How long the ledger has to say which it is.
const GENESIS_WITHIN: Duration = Duration::from_secs(10);

/// Why there is no agent, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// What sees the device's users.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The address is taken, or is not this host's.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Another process on this machine is the device's agent.
    #[error("another agent of {0} runs on this machine, with another state folder; a device has one agent at a time")]
    Duplicate(String),
    /// The device's lock on this machine cannot be taken.
    #[error("whether another agent of the device runs on this machine cannot be found out: {0}")]
    DeviceLock(io::Error),
    /// There is no such device.
    #[error("there is no device at {0} on this ledger")]
    NotFound(Pubkey),
    /// The key is not that of the device's agent.
    #[error("{key} is not the agent of {device}, {}", described(.agent.as_ref()))]
    NotAgent {
        /// The key.
        key: Pubkey,
        /// The device's code.
        device: String,
        /// The device's agent.
        agent: Option<Pubkey>,
    },
    /// The key cannot be had.
    #[error("cannot sign: {0}")]
    Signer(String),
    /// Something that the agent cannot do without broke off, which is a fault of the agent.
    #[error("the ledger is no longer read, for a fault of the agent")]
    BrokeOff,
}

fn described(agent: Option<&Pubkey>) -> String {
    match agent {
        Some(agent) => format!("whose agent is {agent}"),
        None => "which has none".to_owned(),
    }
}

/// Whether, and for what, the agent acts.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It acts for the device as it was read just now.
    Acts {
        /// What was read.
        chain: Arc<Chain>,
        /// When the reading began.
        read_at: Instant,
    },
    /// The ledger is away.
    Away(Away),
    /// It must not act, for this reason.
    Idle(String),
}

/// Verifies readings.
pub struct Verifier {
    client: Client,
    key: Key,
    target: Target,
    state: Arc<State>,
    /// Whether the ledger has said which it is since it was away last.
    is_known: bool,
    has_acted: bool,
    lock: Option<DeviceLock>,
}

impl Verifier {
    /// Of this device, with the agent's key.
    pub fn new(client: Client, key: Key, target: Target, state: Arc<State>) -> Self {
        Self {
            client,
            key,
            target,
            state,
            is_known: false,
            has_acted: false,
            lock: None,
        }
    }

    /// Whether the agent acts on a reading.
    ///
    /// # Errors
    /// It never may: the ledger or the device is another one than the state folder's, or, before it has acted, there is no
    /// such device or its agent is another one.
    pub async fn check(&mut self, reading: &Reading) -> Result<Standing, AgentError> {
        if let Some(away) = away(reading) {
            self.is_known = false;
            return Ok(Standing::Away(away));
        }
        let Some((read_at, since)) = reading.last else {
            return Ok(Standing::Idle(
                "the ledger has not been read yet".to_owned(),
            ));
        };
        if !self.is_known {
            if let Err(reason) = self.identify().await? {
                return Ok(Standing::Away(Away { since, reason }));
            }
        }
        let Some(chain) = &reading.chain else {
            return if self.has_acted {
                Ok(Standing::Idle("the device was removed".to_owned()))
            } else {
                Err(AgentError::NotFound(self.target.address))
            };
        };
        self.check_agent(chain, read_at)
    }

    /// Binds the state folder to this ledger and device, and takes the device's lock on this machine; returns why the ledger does not say which it is.
    async fn identify(&mut self) -> Result<Result<(), String>, AgentError> {
        let genesis = match timeout(GENESIS_WITHIN, self.client.ledger().genesis()).await {
            Ok(Ok(genesis)) => genesis,
            Ok(Err(error)) => return Ok(Err(error.to_string())),
            Err(_) => return Ok(Err("the ledger does not say which it is".to_owned())),
        };
        let identity = Identity {
            genesis: genesis.to_string(),
            program: self.client.program_id().to_string(),
            device: self.target.address.to_string(),
        };
        self.state.bind(&identity)?;
        if self.lock.is_none() {
            let lock = DeviceLock::take(&identity).map_err(AgentError::DeviceLock)?;
            let device = self.target.name.clone();
            self.lock = Some(lock.ok_or(AgentError::Duplicate(device))?);
        }
        self.is_known = true;
        Ok(Ok(()))
    }

    fn check_agent(
        &mut self,
        chain: &Arc<Chain>,
        read_at: Instant,
    ) -> Result<Standing, AgentError> {
        let key = self.key.try_pubkey();
        let key = key.map_err(|error| AgentError::Signer(error.to_string()))?;
        let agent = present(&chain.head().agent).copied();
        if agent == Some(key) {
            self.has_acted = true;
            let chain = Arc::clone(chain);
            return Ok(Standing::Acts { chain, read_at });
        }
        let error = AgentError::NotAgent {
            key,
            device: chain.device.account.code.clone(),
            agent,
        };
        if self.has_acted {
            Ok(Standing::Idle(error.to_string()))
        } else {
            Err(error)
        }
    }
}

/// Since when the ledger is away, if it is: also where a reading takes too long.
fn away(reading: &Reading) -> Option<Away> {
    if let Some(away) = &reading.away {
        return Some(away.clone());
    }
    let (at, since) = reading.last?;
    (at.elapsed() > FRESH_FOR).then(|| Away {
        since,
        reason: format!("it has not answered for {} s", at.elapsed().as_secs()),
    })
}
