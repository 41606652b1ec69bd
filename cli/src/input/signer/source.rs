//! Where a key is, written as for Solana's own tools.

#[cfg(feature = "hardware-wallet")]
use solana_remote_wallet::locator::Locator;
use {
    solana_derivation_path::DerivationPath,
    solana_sdk::pubkey::Pubkey,
    std::{error::Error, fs, io},
    uriparse::URIReference,
};

const UNRECOGNIZED: &str = "unrecognized signer source";

/// Where a key is.
#[derive(Debug)]
pub enum Source {
    /// The path of a file as solana-keygen writes it.
    File(String),
    Stdin,
    /// A seed phrase that the user types, and which of its keys; `None` is the seed itself, as solana-keygen's `ASK`.
    Phrase(Option<DerivationPath>),
    #[cfg(feature = "hardware-wallet")]
    Wallet(Locator, DerivationPath),
    /// A hardware wallet that this build has no driver for.
    #[cfg(not(feature = "hardware-wallet"))]
    Wallet,
    /// A key that signs elsewhere.
    Pubkey(Pubkey),
}

impl Source {
    /// # Errors
    /// The text names no source, a file that is missing, or a key that cannot be derived.
    pub fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let Ok(uri) = URIReference::try_from(text) else {
            return Self::existing_file(text).map_err(|_| UNRECOGNIZED.into());
        };
        let Some(scheme) = uri.scheme() else {
            return Ok(Self::of_name(text)?);
        };
        match scheme.as_str().to_ascii_lowercase().as_str() {
            "prompt" => {
                let path = DerivationPath::from_uri_any_query(&uri)?;
                Ok(Self::Phrase(Some(path.unwrap_or_default())))
            }
            "file" => Ok(Self::File(uri.path().to_string())),
            "stdin" => Ok(Self::Stdin),
            "usb" => Self::of_wallet(&uri),
            drive if cfg!(windows) && drive.len() == 1 => Ok(Self::existing_file(text)?),
            _ => Err(UNRECOGNIZED.into()),
        }
    }

    /// A source that is not a URI with a scheme.
    fn of_name(name: &str) -> io::Result<Self> {
        match (name, name.parse()) {
            ("-", _) => Ok(Self::Stdin),
            ("ASK", _) => Ok(Self::Phrase(None)),
            (_, Ok(pubkey)) => Ok(Self::Pubkey(pubkey)),
            (_, Err(_)) => Self::existing_file(name),
        }
    }

    fn existing_file(path: &str) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self::File(path.to_owned()))
    }

    #[cfg(feature = "hardware-wallet")]
    fn of_wallet(uri: &URIReference) -> Result<Self, Box<dyn Error>> {
        let path = DerivationPath::from_uri_key_query(uri)?;
        let locator = Locator::new_from_uri(uri)?;
        Ok(Self::Wallet(locator, path.unwrap_or_default()))
    }

    #[cfg(not(feature = "hardware-wallet"))]
    fn of_wallet(_: &URIReference) -> Result<Self, Box<dyn Error>> {
        Ok(Self::Wallet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Source::parse(text) {
            Ok(source) => format!("{source:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn sources_are_solanas() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("id.json");
        let blank = dir.path().join("my id.json");
        for file in [&file, &blank] {
            fs::write(file, "[]").unwrap();
            let file = file.to_str().unwrap();
            assert_eq!(shown(file), format!("File({file:?})"));
        }
        let pubkey = ebb_sdk::ID.to_string();
        for (text, source) in [
            ("-", "Stdin"),
            ("stdin:", "Stdin"),
            ("ASK", "Phrase(None)"),
            ("prompt:", "Phrase(Some(m/44'/501'))"),
            ("PROMPT://", "Phrase(Some(m/44'/501'))"),
            ("prompt://?key=2", "Phrase(Some(m/44'/501'/2'))"),
            ("prompt://?key=0/1", "Phrase(Some(m/44'/501'/0'/1'))"),
            (
                "prompt://?full-path=m/44/501/1/0",
                "Phrase(Some(m/44'/501'/1'/0'))",
            ),
            (
                "file:///nonexistent/id.json",
                "File(\"/nonexistent/id.json\")",
            ),
            (&pubkey, &format!("Pubkey({pubkey})")),
        ] {
            assert_eq!(shown(text), source, "{text}");
        }
    }

    #[test]
    fn what_is_no_source_is_refused() {
        for (text, problem) in [
            ("foo://x", UNRECOGNIZED),
            ("no file:x y", UNRECOGNIZED),
            (
                "prompt://?k=0",
                "invalid derivation path: invalid query string `k=0`, only `key` and `full-path` supported",
            ),
            (
                "prompt://?key=0/0/0",
                "invalid derivation path: key path `0/0/0` too deep, only <account>/<change> supported",
            ),
        ] {
            assert_eq!(shown(text), problem, "{text}");
        }
        let missing = Source::parse("/nonexistent/id.json").unwrap_err();
        let missing = missing.downcast_ref::<io::Error>().map(io::Error::kind);
        assert_eq!(missing, Some(io::ErrorKind::NotFound));
    }
}
