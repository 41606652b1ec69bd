//! How an agent is set up: by options, or by the same keys in a TOML file.

use {
    ebb_sdk::{duration, value::check_code},
    serde::{Deserialize, Deserializer},
    solana_sdk::pubkey::Pubkey,
    std::{
        fmt, fs, io,
        net::SocketAddr,
        path::{Path, PathBuf},
        str::FromStr,
        time::Duration,
    },
};

/// Where the users of a device are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// FRR's neighbors, through the vty socket in this folder.
    Frr(PathBuf),
    /// BIRD's BGP protocols, through this control socket.
    Bird(PathBuf),
    /// HAProxy's servers, through this runtime socket.
    Haproxy(PathBuf),
    /// The lines that this program prints.
    Exec(PathBuf),
    /// What the device's own software puts, through this socket, which the agent makes.
    Api(PathBuf),
}

/// Where FRR has its vty sockets.
const FRR_SOCKETS: &str = "/var/run/frr";
/// The file that BIRD's configuration includes.
const BIRD_INCLUDE: &str = "/etc/bird/ebb/ebb.conf";
/// Where BIRD has its control socket.
const BIRD_SOCKET: &str = "/run/bird/bird.ctl";

/// Right providers.
pub const PROVIDERS: &str =
    "frr, frr:FOLDER, bird, bird:SOCKET, haproxy:SOCKET, exec:PROGRAM or api:SOCKET";

impl Sessions {
    /// Whether an agent can also change what it sees.
    pub fn is_manageable(&self) -> bool {
        matches!(self, Self::Frr(_) | Self::Bird(_) | Self::Haproxy(_))
    }
}

impl fmt::Display for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, place) = match self {
            Self::Frr(place) => ("frr", place),
            Self::Bird(place) => ("bird", place),
            Self::Haproxy(place) => ("haproxy", place),
            Self::Exec(place) => ("exec", place),
            Self::Api(place) => ("api", place),
        };
        write!(f, "{kind}:{}", place.display())
    }
}

impl FromStr for Sessions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, place) = match text.split_once(':') {
            Some((kind, place)) => (kind, Some(place).filter(|place| !place.is_empty())),
            None => (text, None),
        };
        let named = |what: &str| {
            let place = place.ok_or_else(|| format!("{kind} takes {what}: {kind}:{what}"))?;
            Ok::<_, String>(PathBuf::from(place))
        };
        match kind {
            "frr" => Ok(Self::Frr(place.unwrap_or(FRR_SOCKETS).into())),
            "bird" => Ok(Self::Bird(place.unwrap_or(BIRD_SOCKET).into())),
            "haproxy" => named("SOCKET").map(Self::Haproxy),
            "exec" => named("PROGRAM").map(Self::Exec),
            "api" => named("SOCKET").map(Self::Api),
            _ => Err(format!(
                "there is no provider `{kind}`; right is {PROVIDERS}"
            )),
        }
    }
}

/// Servers behind HAProxy, each as `BACKEND/SERVER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Servers(pub Vec<String>);

impl FromStr for Servers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_named = |name: &&str| {
            let parts = name.split_once('/');
            parts.is_some_and(|(backend, server)| !backend.is_empty() && !server.is_empty())
        };
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        if names.iter().all(is_named) {
            Ok(Self(names.into_iter().map(str::to_owned).collect()))
        } else {
            Err("right is BACKEND/SERVER, or several with commas between".to_owned())
        }
    }
}

/// How a device is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceName {
    /// Unique by address.
    Code(String),
    /// The account's address.
    Address(Pubkey),
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match check_code(text) {
            Ok(()) => Ok(Self::Code(text.to_owned())),
            Err(error) => text
                .parse()
                .map(Self::Address)
                .map_err(|_| format!("neither a code nor a pubkey; {error}, as in ams-dz001")),
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => f.write_str(code),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// How the agent writes what happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// What was set, by options or in a file; all of it may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The device.
    #[serde(default, deserialize_with = "parsed")]
    pub device: Option<DeviceName>,
    /// Where its users are seen.
    #[serde(default, deserialize_with = "parsed")]
    pub sessions: Option<Sessions>,
    /// Whether the agent changes the device.
    pub manage: Option<bool>,
    /// The file that BIRD's configuration includes and the agent writes.
    pub bird_include: Option<PathBuf>,
    /// The servers behind HAProxy that are the device.
    #[serde(default, deserialize_with = "parsed")]
    pub haproxy_servers: Option<Servers>,
    /// How long traffic has to move at least.
    #[serde(default, deserialize_with = "seconds")]
    pub converge: Option<Duration>,
    /// Up to how many packets a second count as none.
    pub idle_rate: Option<u32>,
    /// How often the device is looked at.
    #[serde(default, deserialize_with = "seconds")]
    pub interval: Option<Duration>,
    /// In how many looks in a row a user must be absent until its session is closed.
    pub absences: Option<u32>,
    /// The program that is run when the device changes on the ledger.
    pub hook: Option<PathBuf>,
    /// The program whose exit code says how the device is.
    pub health_check: Option<PathBuf>,
    /// How often it is run.
    #[serde(default, deserialize_with = "seconds")]
    pub health_interval: Option<Duration>,
    /// Where metrics and probes are served.
    pub listen: Option<SocketAddr>,
    /// Where the agent keeps its state.
    pub state_directory: Option<PathBuf>,
    /// How it writes what happens.
    pub log: Option<LogFormat>,
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

/// Why an agent is not set up.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is not as it must be.
    #[error("{path}: {problem}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and what.
        problem: String,
    },
    /// A key is missing.
    #[error("{key} is missing; right is, for example, {key} = \"{example}\" in the file or --{key} {example}")]
    Missing {
        /// The key.
        key: &'static str,
        /// A right value.
        example: &'static str,
    },
    /// A value is out of its range.
    #[error("{key} is at least 1")]
    TooFew {
        /// The key.
        key: &'static str,
    },
    /// The provider is only read.
    #[error(
        "sessions of {0} are only seen, so the agent cannot manage the device; right is manage with frr, bird or haproxy"
    )]
    NotManageable(Sessions),
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is no TOML, has a key that there is not, or a value that is wrong.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.to_owned(),
            error,
        })?;
        toml::from_str(&text).map_err(|error| ConfigError::Invalid {
            path: path.to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })
    }

    /// These settings, and those of a file where these have none.
    #[must_use]
    pub fn or(self, file: Self) -> Self {
        Self {
            device: self.device.or(file.device),
            sessions: self.sessions.or(file.sessions),
            manage: self.manage.or(file.manage),
            bird_include: self.bird_include.or(file.bird_include),
            haproxy_servers: self.haproxy_servers.or(file.haproxy_servers),
            converge: self.converge.or(file.converge),
            idle_rate: self.idle_rate.or(file.idle_rate),
            interval: self.interval.or(file.interval),
            absences: self.absences.or(file.absences),
            hook: self.hook.or(file.hook),
            health_check: self.health_check.or(file.health_check),
            health_interval: self.health_interval.or(file.health_interval),
            listen: self.listen.or(file.listen),
            state_directory: self.state_directory.or(file.state_directory),
            log: self.log.or(file.log),
        }
    }

    /// The set-up, with the defaults of what is absent; `state_directory` is where the state is kept if nothing says.
    ///
    /// # Errors
    /// What is missing, or does not go together.
    pub fn resolve(
        self,
        state_directory: impl FnOnce(&DeviceName) -> Option<PathBuf>,
    ) -> Result<Config, ConfigError> {
        let missing = |key, example| ConfigError::Missing { key, example };
        let device = self.device.ok_or_else(|| missing("device", "ams-dz001"))?;
        let sessions = self.sessions.ok_or_else(|| missing("sessions", "frr"))?;
        let manage = self.manage.unwrap_or(false);
        if manage && !sessions.is_manageable() {
            return Err(ConfigError::NotManageable(sessions));
        }
        if matches!(sessions, Sessions::Haproxy(_)) && self.haproxy_servers.is_none() {
            return Err(missing("haproxy-servers", "web/s1"));
        }
        let absences = self.absences.unwrap_or(5);
        if absences == 0 {
            return Err(ConfigError::TooFew { key: "absences" });
        }
        let state_directory = self
            .state_directory
            .or_else(|| state_directory(&device))
            .ok_or_else(|| missing("state-directory", "/var/lib/ebb-agent"))?;
        Ok(Config {
            device,
            sessions,
            manage,
            bird_include: self.bird_include.unwrap_or_else(|| BIRD_INCLUDE.into()),
            haproxy_servers: self.haproxy_servers.unwrap_or_default(),
            converge: self.converge.unwrap_or(Duration::from_secs(60)),
            idle_rate: self.idle_rate.unwrap_or(0),
            interval: self.interval.unwrap_or(Duration::from_secs(2)),
            absences,
            hook: self.hook,
            health_check: self.health_check,
            health_interval: self.health_interval.unwrap_or(Duration::from_secs(30)),
            listen: self.listen,
            state_directory,
        })
    }
}

/// How an agent is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The device.
    pub device: DeviceName,
    /// Where its users are seen.
    pub sessions: Sessions,
    /// Whether the agent changes the device. By default it only keeps its sessions.
    pub manage: bool,
    /// The file that BIRD's configuration includes and the agent writes.
    pub bird_include: PathBuf,
    /// The servers behind HAProxy that are the device.
    pub haproxy_servers: Servers,
    /// How long traffic has to move at least. By default a minute.
    pub converge: Duration,
    /// Up to how many forwarded packets a second count as none. By default none do.
    pub idle_rate: u32,
    /// How often the device is looked at. By default every 2 seconds.
    pub interval: Duration,
    /// In how many looks in a row a user must be absent until its session is closed. By default 5.
    pub absences: u32,
    /// The program that is run when the device changes on the ledger.
    pub hook: Option<PathBuf>,
    /// The program whose exit code says how the device is.
    pub health_check: Option<PathBuf>,
    /// How often it is run. By default every 30 seconds.
    pub health_interval: Duration,
    /// Where metrics and probes are served. By default nowhere.
    pub listen: Option<SocketAddr>,
    /// Where the agent keeps its state.
    pub state_directory: PathBuf,
}

#[cfg(test)]
mod tests;
