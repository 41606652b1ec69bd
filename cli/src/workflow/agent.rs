//! What an agent is given, and how its end is reported.

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        stop::stopped,
        terminal::{log, status},
    },
    directories::ProjectDirs,
    ebb_agent::{
        config::{ConfigError, DeviceName, LogFormat, Settings},
        labels, Agent, AgentError, StateError,
    },
    ebb_sdk::EbbError,
    solana_sdk::pubkey::Pubkey,
    std::{
        cell::Cell,
        collections::BTreeMap,
        env, fs,
        path::{Path, PathBuf},
        sync::Arc,
    },
};

/// Where the agent of the systemd unit keeps its state.
const UNIT_STATE: &str = "/var/lib/ebb-agent";

/// The options' settings, and those of the file where they have none.
pub fn settings(options: Settings, file: Option<&Path>) -> Result<Settings, CliError> {
    Ok(match file {
        Some(file) => options.or(Settings::read(file)?),
        None => options,
    })
}

/// Runs an agent until a signal ends it.
pub async fn run(settings: Settings, context: &Context) -> Result<Exit, CliError> {
    let as_json = settings.log == Some(LogFormat::Json);
    let config = settings.resolve(state_directory)?;
    let (key, fee_payer) = (context.signer()?, context.fee_payer()?);
    let (key, fee_payer) = (Arc::new(key.clone()), Arc::new(fee_payer.clone()));
    log::start(as_json);
    let agent = Agent::start(context.client.clone(), key, fee_payer, config).await?;
    if let Some(address) = agent.address() {
        status(format_args!("serving on http://{address}"));
    }
    let ended_by = Cell::new(None);
    let shutdown = async { ended_by.set(Some(stopped().await)) };
    agent.run(shutdown).await?;
    match ended_by.get() {
        Some(signal) => Err(CliError::interrupted(signal)),
        None => Ok(Exit::DONE),
    }
}

/// Where an agent keeps its state if nothing says: where the service manager says, else in the user's data directory.
fn state_directory(device: &DeviceName) -> Option<PathBuf> {
    let managed = env::var_os("STATE_DIRECTORY").filter(|folders| !folders.is_empty());
    let first = managed.and_then(|folders| env::split_paths(&folders).next());
    first.or_else(|| Some(own_states()?.join(device.to_string())))
}

/// Where the user's agents keep their states.
fn own_states() -> Option<PathBuf> {
    let dirs = ProjectDirs::from("", "", "ebb")?;
    Some(dirs.data_dir().join("agent"))
}

/// What the agents of this machine, as far as their states can be read, call the users of their devices, by the users' keys.
pub async fn labels(context: &Context) -> Result<BTreeMap<Pubkey, String>, CliError> {
    let own = own_states().and_then(|folder| fs::read_dir(folder).ok());
    let own = own
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let folders: Vec<PathBuf> = own.chain([UNIT_STATE.into()]).collect();
    if !folders.iter().any(|folder| folder.is_dir()) {
        return Ok(BTreeMap::new());
    }
    let genesis = context.client.ledger().genesis().await?.to_string();
    let program = context.client.program_id().to_string();
    let known = folders
        .iter()
        .flat_map(|folder| labels::known(folder, &genesis, &program));
    Ok(known.collect())
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<AgentError> for CliError {
    fn from(error: AgentError) -> Self {
        let message = error.to_string();
        match error {
            AgentError::State(StateError::Foreign { .. }) => Self::usage(message)
                .hint("name another folder with --state-directory, or remove this one if nothing is set on the device"),
            AgentError::Listen { .. } => {
                Self::other(message).hint("choose another address with --listen")
            }
            AgentError::Device(_) => Self::usage(message),
            AgentError::NotFound(_) => Self::not_found(message),
            AgentError::NotAgent { device, key, .. } => Self::refused(EbbError::NotAgent)
                .because(message)
                .hint("sign with the agent's key: --keypair")
                .hint(format!("or make this key the agent: ebb device set-agent {device} {key}")),
            AgentError::State(_)
            | AgentError::Duplicate(_)
            | AgentError::DeviceLock(_)
            | AgentError::Signer(_)
            | AgentError::BrokeOff => Self::other(message),
        }
    }
}
