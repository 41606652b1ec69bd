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
        Agent, AgentError, StateError,
    },
    ebb_sdk::EbbError,
    std::{
        cell::Cell,
        env,
        path::{Path, PathBuf},
        sync::Arc,
    },
};

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
    first.or_else(|| {
        let dirs = ProjectDirs::from("", "", "ebb")?;
        Some(dirs.data_dir().join("agent").join(device.to_string()))
    })
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
            AgentError::State(_) | AgentError::Signer(_) | AgentError::BrokeOff => {
                Self::other(message)
            }
        }
    }
}
