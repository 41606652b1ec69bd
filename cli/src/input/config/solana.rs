//! The Solana CLI's config file and key, where that tool keeps them.

use {
    crate::{
        error::CliError,
        input::secret::{shown, KeyArg},
    },
    directories::BaseDirs,
    ebb_sdk::rpc::SecretUrl,
    serde::Deserialize,
    solana_commitment_config::CommitmentConfig,
    std::{
        collections::HashMap,
        fs::File,
        io::{self, Read},
        path::{Path, PathBuf},
    },
};

/// Many times what a config file has.
const MAX_BYTES: u64 = 1 << 20;

/// The fields of the file.
const FIELDS: [&str; 5] = [
    "json_rpc_url",
    "websocket_url",
    "keypair_path",
    "address_labels",
    "commitment",
];
/// How like a field's name another must be to be taken for a slip, from 0 to 1.
const LIKENESS: f64 = 0.85;

/// The file, as the Solana CLI writes it.
#[derive(Deserialize)]
struct Fields {
    json_rpc_url: String,
    websocket_url: String,
    keypair_path: String,
    #[serde(default, rename = "address_labels")]
    _address_labels: HashMap<String, String>,
    #[serde(default)]
    commitment: String,
}

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolanaConfig {
    file: PathBuf,
    /// The cluster's URL or moniker.
    pub url: SecretUrl,
    /// Where the cluster reports changes; empty if that follows from its URL.
    pub websocket_url: SecretUrl,
    keypair_path: String,
    /// How final things must be, if the file says so.
    pub commitment: Option<CommitmentConfig>,
}

impl SolanaConfig {
    /// A field of the file, as errors name it.
    pub fn origin(&self, field: &str) -> String {
        format!("config file {}: {field}", self.file.display())
    }

    /// Who signs.
    ///
    /// # Errors
    /// The file holds a secret where the path of a key's file belongs.
    pub fn keypair(&self) -> Result<KeyArg, CliError> {
        let keypair = self.keypair_path.parse();
        keypair.map_err(|error: String| CliError::usage(error).at(self.origin("keypair_path")))
    }
}

/// Reads the file that is named, else the one at its usual place if there is one.
pub fn load(named: Option<&Path>) -> Result<Option<SolanaConfig>, CliError> {
    let usual = || home_file("cli/config.yml").filter(|file| file.exists());
    let Some(file) = named.map(Path::to_owned).or_else(usual) else {
        return Ok(None);
    };
    let parsed = read(&file)
        .map_err(|error| error.to_string())
        .and_then(|bytes| parse(&bytes));
    match parsed {
        Ok(config) => Ok(Some(SolanaConfig { file, ..config })),
        Err(problem) => Err(
            CliError::usage(format!("config file {}: {problem}", file.display()))
                .hint("make one: solana config set --url testnet --keypair id.json"),
        ),
    }
}

/// The file, as far as a config file may reach.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    File::open(file)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where `solana-keygen new` writes, unless that path is not UTF-8, as no key can be named then.
pub fn default_keypair() -> Option<KeyArg> {
    home_file("id.json")?.to_str()?.parse().ok()
}

fn home_file(name: &str) -> Option<PathBuf> {
    let home = BaseDirs::new()?.home_dir().join(".config/solana");
    Some(home.join(name))
}

fn parse(bytes: &[u8]) -> Result<SolanaConfig, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    check_fields(text)?;
    let fields: Fields = serde_yaml::from_str(text).map_err(|error| without_content(&error))?;
    Ok(SolanaConfig {
        file: PathBuf::new(),
        commitment: commitment(&fields.commitment)?,
        url: SecretUrl::new(fields.json_rpc_url),
        websocket_url: SecretUrl::new(fields.websocket_url),
        keypair_path: fields.keypair_path,
    })
}

/// An error of the YAML, unless it repeats what stands in the file, which may be a secret.
fn without_content(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    match (text.contains('"'), error.location()) {
        (false, _) => text,
        (true, Some(at)) => format!("what stands on line {} does not belong there", at.line()),
        (true, None) => "what stands in it does not belong there".to_owned(),
    }
}

/// Refuses what has no fields, and a field that is one of the file's but for a slip. Fields of later versions are left
/// alone, as the Solana CLI does.
fn check_fields(text: &str) -> Result<(), String> {
    let fields = match serde_yaml::from_str(text) {
        Ok(serde_yaml::Value::Mapping(fields)) => fields,
        Ok(_) => return Err("it has no fields, as in `json_rpc_url: testnet`".to_owned()),
        Err(error) => return Err(format!("it is not YAML: {}", without_content(&error))),
    };
    let names = fields.keys().filter_map(serde_yaml::Value::as_str);
    for name in names.filter(|name| !FIELDS.contains(name)) {
        let is_like = |field: &&str| strsim::jaro_winkler(name, field) >= LIKENESS;
        if let Some(meant) = FIELDS.into_iter().find(is_like) {
            return Err(format!(
                "there is no field `{}`; right may be `{meant}`",
                shown(name)
            ));
        }
    }
    Ok(())
}

/// Reads a level, also by the names that Solana's tools gave the levels at first.
fn commitment(name: &str) -> Result<Option<CommitmentConfig>, String> {
    Ok(Some(match name {
        "" => return Ok(None),
        "processed" | "recent" => CommitmentConfig::processed(),
        "confirmed" | "single" | "singleGossip" => CommitmentConfig::confirmed(),
        "finalized" | "max" | "root" => CommitmentConfig::finalized(),
        _ => {
            return Err(format!(
                "there is no commitment `{}`; right is processed, confirmed or finalized",
                shown(name)
            ))
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "json_rpc_url: http://localhost:8899\nwebsocket_url: ''\nkeypair_path: id.json\n";

    fn level(name: &str) -> Result<Option<CommitmentConfig>, String> {
        parse(format!("{FILE}commitment: {name}\n").as_bytes()).map(|config| config.commitment)
    }

    #[test]
    fn levels_mean_what_they_always_meant() {
        for name in ["processed", "recent"] {
            assert_eq!(level(name), Ok(Some(CommitmentConfig::processed())));
        }
        for name in ["confirmed", "single", "singleGossip"] {
            assert_eq!(level(name), Ok(Some(CommitmentConfig::confirmed())));
        }
        for name in ["finalized", "max", "root"] {
            assert_eq!(level(name), Ok(Some(CommitmentConfig::finalized())));
        }
        assert_eq!(level("''"), Ok(None));
        assert_eq!(parse(FILE.as_bytes()).unwrap().commitment, None);
        for name in ["final", "Finalized", "confirmd"] {
            assert_eq!(
                level(name),
                Err(format!(
                    "there is no commitment `{name}`; right is processed, confirmed or finalized"
                ))
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_plain() {
        let missing = FILE.replace("keypair_path: id.json\n", "");
        for (text, problem) in [
            (b"".as_slice(), "it is empty"),
            (b" \n\n", "it is empty"),
            (b"json_rpc_url: \xff\n", "it is not UTF-8"),
            (missing.as_bytes(), "missing field `keypair_path`"),
        ] {
            assert_eq!(parse(text), Err(problem.to_owned()));
        }
        let slip = FILE.replace("keypair_path", "keypair_paht");
        assert_eq!(
            parse(slip.as_bytes()),
            Err("there is no field `keypair_paht`; right may be `keypair_path`".to_owned())
        );
        let no_fields = "it has no fields, as in `json_rpc_url: testnet`";
        for text in ["- a\n", "just words\n", "1\n"] {
            assert_eq!(parse(text.as_bytes()), Err(no_fields.to_owned()));
        }
        let broken = parse(b"json_rpc_url: [\n").unwrap_err();
        assert!(broken.starts_with("it is not YAML: "), "{broken}");
        assert!(broken.contains("line 2"), "{broken}");
        assert_eq!(
            parse(b"json_rpc_url: [1]\n").unwrap_err(),
            "json_rpc_url: invalid type: sequence, expected a string at line 1 column 15"
        );
    }

    #[test]
    fn no_error_repeats_what_stands_in_the_file() {
        let labels = format!("{FILE}address_labels: s3cret-w0rd\n");
        assert_eq!(
            parse(labels.as_bytes()).unwrap_err(),
            "what stands on line 4 does not belong there"
        );
    }

    #[test]
    fn fields_of_later_versions_are_left_alone() {
        let later = format!("{FILE}use_quic: true\n");
        assert_eq!(parse(later.as_bytes()), parse(FILE.as_bytes()));
    }
}
