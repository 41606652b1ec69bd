//! Which ledger to talk to, and with which key by default.

mod solana;

use {
    super::{options::GlobalOptions, secret::KeyArg, value},
    crate::error::CliError,
    directories::ProjectDirs,
    ebb_sdk::rpc::SecretUrl,
    solana_commitment_config::CommitmentConfig,
    std::{env, path::PathBuf},
    url::Url,
};

/// Names the embedded ledger's folder.
const DIR_VARIABLE: &str = "EBB_DIR";

/// Where accounts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A ledger in this process, its state in this folder.
    Embedded(PathBuf),
    /// A cluster's JSON RPC endpoint, and where it publishes changes, if that is known.
    Cluster(SecretUrl, Option<SecretUrl>),
}

impl Target {
    /// The folder of an embedded ledger.
    ///
    /// # Errors
    /// It is a cluster.
    pub fn into_embedded(self) -> Result<PathBuf, CliError> {
        match self {
            Self::Embedded(dir) => Ok(dir),
            Self::Cluster(..) => Err(not_embedded()),
        }
    }
}

/// That a verb is for the embedded ledger, where a cluster is named.
pub fn not_embedded() -> CliError {
    CliError::usage("--url names a cluster, and this verb is for the embedded ledger")
        .hint("right is, for example, --url embedded or --url embedded:lab")
}

/// What options, environment and the Solana CLI's config file say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where accounts are.
    pub target: Target,
    /// Who signs; `None` for the embedded ledger's own key.
    pub keypair: Option<KeyArg>,
    /// How final things must be.
    pub commitment: CommitmentConfig,
}

impl Settings {
    /// Options before the config file; never a default cluster.
    pub fn resolve(options: &GlobalOptions) -> Result<Self, CliError> {
        // The embedded ledger asks nothing of the file, so a broken one is no error.
        let embedded = options
            .url
            .as_ref()
            .is_some_and(|url| embedded_dir(url.expose()).is_some());
        let config = if embedded && options.config.is_none() {
            None
        } else {
            solana::load(options.config.as_deref())?
        };
        let (url, origin) = match (&options.url, &config) {
            (Some(url), _) => (url.clone(), "--url".to_owned()),
            (None, Some(config)) => (config.url.clone(), config.origin("json_rpc_url")),
            (None, None) => {
                return Err(CliError::usage(
                    "no ledger is named: neither --url nor a config file of the Solana CLI",
                )
                .hint("for a cluster: --url testnet, or: solana config set --url testnet")
                .hint("to try it out: --url embedded"))
            }
        };
        let mut target = target(&url).map_err(|error| {
            let error = error.at(origin);
            match options.url {
                Some(_) => error,
                None => error.hint("the Solana CLI's config file names it: solana config get"),
            }
        })?;
        if let Target::Cluster(url, websocket) = &mut target {
            // What the config file names belongs to the URL that it names.
            let named = config.as_ref().filter(|_| options.url.is_none());
            *websocket = websocket_url(url, named.map(|config| &config.websocket_url));
        }
        let keypair = match (&options.keypair, &target) {
            (Some(keypair), _) => Some(keypair.clone()),
            (None, Target::Embedded(_)) => None,
            (None, Target::Cluster(..)) => match &config {
                Some(config) => Some(config.keypair()?),
                None => solana::default_keypair(),
            },
        };
        let configured = config.as_ref().and_then(|config| config.commitment);
        let commitment = options
            .commitment
            .map(CommitmentConfig::from)
            .or(configured);
        Ok(Self {
            target,
            keypair,
            commitment: commitment.unwrap_or(CommitmentConfig::confirmed()),
        })
    }
}

/// As the Solana CLI has it: the one that is named, else the next port.
fn websocket_url(url: &SecretUrl, named: Option<&SecretUrl>) -> Option<SecretUrl> {
    match named.filter(|named| !named.expose().is_empty()) {
        Some(named) => Some(named.clone()),
        None => next_port(url.expose()).map(SecretUrl::new),
    }
}

/// Returns the URL of WebSocket on the next port, or on the scheme's own if there is no port; `None` if there is no next.
fn next_port(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme).ok()?;
    if let Some(port) = url.port() {
        url.set_port(Some(port.checked_add(1)?)).ok()?;
    }
    Some(url.into())
}

/// What `--url` names, to be shown; `None` if it is a URL with secrets.
#[cfg(feature = "top")]
pub fn without_secrets(url: &SecretUrl) -> Option<&str> {
    let text = url.expose();
    let is_word = embedded_dir(text).is_some() || url_of_moniker(text).is_some();
    (is_word || !url.has_secrets()).then_some(text)
}

/// The URL that a moniker of the Solana CLI means, as its `normalize_to_url_if_moniker` has them.
fn url_of_moniker(moniker: &str) -> Option<&'static str> {
    match moniker {
        "m" | "mainnet-beta" => Some("https://api.mainnet-beta.solana.com"),
        "t" | "testnet" => Some("https://api.testnet.solana.com"),
        "d" | "devnet" => Some("https://api.devnet.solana.com"),
        "l" | "localhost" => Some("http://localhost:8899"),
        _ => None,
    }
}

fn target(url: &SecretUrl) -> Result<Target, CliError> {
    if let Some(dir) = embedded_dir(url.expose()) {
        return Ok(Target::Embedded(match dir {
            Some(dir) => folder(dir.into())?,
            None => default_dir()?,
        }));
    }
    let url = url_of_moniker(url.expose()).map_or_else(|| url.clone(), SecretUrl::new);
    let parsed = Url::parse(url.expose()).ok();
    if parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        return Ok(Target::Cluster(url, None));
    }
    Err(CliError::usage(format!(
        "{url} is neither a URL of HTTP nor a moniker nor embedded[:DIR]"
    ))
    .hint(
        "right is, for example, --url testnet, --url https://rpc.example.com or --url embedded:lab",
    ))
}

/// The folder of an embedded ledger.
fn folder(dir: PathBuf) -> Result<PathBuf, CliError> {
    value::path(dir).map_err(|error| CliError::usage(error).at("the embedded ledger's folder"))
}

/// `embedded` is `Some(None)`, `embedded:DIR` is `Some(Some(DIR))`.
fn embedded_dir(url: &str) -> Option<Option<&str>> {
    match url.strip_prefix("embedded")? {
        "" | ":" => Some(None),
        rest => rest.strip_prefix(':').map(Some),
    }
}

fn default_dir() -> Result<PathBuf, CliError> {
    if let Some(dir) = env::var_os(DIR_VARIABLE).filter(|dir| !dir.is_empty()) {
        return folder(dir.into()).map_err(|error| error.at(DIR_VARIABLE));
    }
    ProjectDirs::from("", "", "ebb")
        .map(|dirs| dirs.data_dir().join("ledger"))
        .ok_or_else(|| {
            CliError::usage("there is no home directory to keep the embedded ledger in")
                .hint("name a folder: --url embedded:lab")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "top")]
    #[test]
    fn a_ledger_is_shown_without_secrets() {
        for (named, shown) in [
            ("embedded", Some("embedded")),
            ("embedded:tour", Some("embedded:tour")),
            ("localhost", Some("localhost")),
            ("t", Some("t")),
            ("https://rpc.example.com", Some("https://rpc.example.com")),
            ("https://rpc.example.com/?api-key=secret", None),
            ("https://me:secret@rpc.example.com", None),
        ] {
            assert_eq!(without_secrets(&SecretUrl::new(named)), shown);
        }
    }

    #[test]
    fn monikers_are_solanas() {
        let target = |url: &str| target(&SecretUrl::new(url));
        let cluster = |url: &str| target(url).unwrap();
        let at = |url: &str| Target::Cluster(SecretUrl::new(url), None);
        for (short, moniker, url) in [
            ("m", "mainnet-beta", "https://api.mainnet-beta.solana.com"),
            ("t", "testnet", "https://api.testnet.solana.com"),
            ("d", "devnet", "https://api.devnet.solana.com"),
            ("l", "localhost", "http://localhost:8899"),
        ] {
            assert_eq!(cluster(short), at(url));
            assert_eq!(cluster(moniker), at(url));
        }
        assert_eq!(cluster("http://[::1]:8899"), at("http://[::1]:8899"));
        assert!(target("tesnet").unwrap_err().hints()[0].contains("--url testnet"));
        assert!(target("embeddedx").is_err());
    }

    #[test]
    fn embedded_takes_a_folder() {
        let target = |url: &str| target(&SecretUrl::new(url));
        assert_eq!(
            target("embedded:lab").unwrap(),
            Target::Embedded("lab".into())
        );
        let padded = target("embedded: lab").unwrap_err();
        assert_eq!(
            padded.to_string(),
            "the embedded ledger's folder: a path does not begin or end with a blank"
        );
        assert_eq!(embedded_dir("embedded"), Some(None));
        assert_eq!(embedded_dir("embedded:"), Some(None));
        assert_eq!(embedded_dir("embedded:/a:b"), Some(Some("/a:b")));
    }

    #[test]
    fn what_is_no_url_is_refused_without_its_secrets() {
        for (url, shown) in [
            ("htps://me:token@host/token?key=token", "htps://host/…"),
            ("ftp://host/", "ftp://host"),
            ("token", "the given URL"),
        ] {
            let error = target(&SecretUrl::new(url)).unwrap_err();
            let text = format!("{shown} is neither a URL of HTTP nor a moniker nor embedded[:DIR]");
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn changes_come_on_the_next_port_unless_another_is_named() {
        for (url, named, websocket) in [
            ("http://localhost:8899", "", Some("ws://localhost:8900/")),
            (
                "https://api.devnet.solana.com",
                "",
                Some("wss://api.devnet.solana.com/"),
            ),
            (
                "http://localhost:8899",
                "ws://localhost:1",
                Some("ws://localhost:1"),
            ),
            (
                "https://rpc.example.com/key?port=:65535",
                "",
                Some("wss://rpc.example.com/key?port=:65535"),
            ),
            ("http://localhost:65535", "", None),
        ] {
            let named = SecretUrl::new(named);
            let found = websocket_url(&SecretUrl::new(url), Some(&named));
            assert_eq!(found.as_ref().map(SecretUrl::expose), websocket);
        }
    }
}
