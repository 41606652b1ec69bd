//! Who signs, read from where the user says.

#[cfg(feature = "hardware-wallet")]
mod hardware;

use {
    crate::{
        error::CliError,
        output::status,
        stop::{self, Signal},
    },
    solana_clap_v3_utils::{
        input_parsers::signer::{SignerSource, SignerSourceKind},
        keypair::keypair_from_seed_phrase,
    },
    solana_sdk::{
        pubkey::Pubkey,
        signature::{read_keypair, read_keypair_file, Signature},
        signer::{null_signer::NullSigner, presigner::Presigner, Signer},
    },
    std::{error::Error, io, sync::Arc},
};

/// A key that signs, or stands for one that signs elsewhere.
pub type Key = Arc<dyn Signer + Send + Sync>;

/// How keys are read: whether those whose holder signs elsewhere are taken.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// Signatures that were made elsewhere.
    pub presigned: Vec<(Pubkey, Signature)>,
    /// Whether a signature may be missing.
    pub may_be_absent: bool,
}

impl Keyring {
    /// Reads a key from a file, stdin (`-`), a prompted seed phrase (`prompt://`) or a hardware wallet (`usb://`); or
    /// takes a pubkey whose signature comes from elsewhere. `option` is the option that named it.
    pub fn read(&self, option: &str, source: &str) -> Result<Key, CliError> {
        let failed = |error: Box<dyn Error>| {
            CliError::usage(format!("{option}: cannot read a key from {source}: {error}")).hint(format!(
                "right is a file as solana-keygen writes it, as in {option} id.json; `-` for stdin; prompt:// for a seed phrase; \
                 usb://ledger for a hardware wallet, in builds that sign with them"
            ))
        };
        let parsed = SignerSource::parse(source).map_err(|error| failed(error.into()))?;
        match parsed.kind {
            SignerSourceKind::Filepath(file) => {
                read_keypair_file(file).map_err(failed).map(signs_as_is)
            }
            SignerSourceKind::Stdin => {
                let read = || read_keypair(&mut io::stdin()).map_err(|error| error.to_string());
                let key = stop::ask(read)?;
                key.map_err(|problem| failed(problem.into()))
                    .map(signs_as_is)
            }
            SignerSourceKind::Prompt => {
                let (option, path, legacy) =
                    (option.to_owned(), parsed.derivation_path, parsed.legacy);
                let key = stop::ask(move || {
                    keypair_from_seed_phrase(&option, false, false, path, legacy)
                        .map_err(|error| Unread::of(&*error))
                })
                .inspect_err(|_| status(""))?;
                key.map_err(|unread| match unread {
                    Unread::Interrupted => CliError::interrupted(Signal::Interrupt),
                    Unread::Other(problem) => failed(problem.into()),
                })
                .map(signs_as_is)
            }
            #[cfg(feature = "hardware-wallet")]
            SignerSourceKind::Usb(locator) => {
                hardware::connect(option, locator, parsed.derivation_path.unwrap_or_default())
                    .map_err(failed)
            }
            #[cfg(not(feature = "hardware-wallet"))]
            SignerSourceKind::Usb(_) => {
                Err(failed("this build signs with no hardware wallet".into()))
            }
            SignerSourceKind::Pubkey(pubkey) => self.elsewhere(option, &pubkey),
            SignerSourceKind::Base58Keypair(_) => {
                Err(failed("a secret does not belong on a command line".into()))
            }
        }
    }

    /// A key whose holder signs elsewhere.
    fn elsewhere(&self, option: &str, pubkey: &Pubkey) -> Result<Key, CliError> {
        let presigned = self.presigned.iter().find(|(key, _)| key == pubkey);
        match presigned {
            Some((key, signature)) => Ok(Arc::new(Presigner::new(key, signature))),
            None if self.may_be_absent => Ok(Arc::new(NullSigner::new(pubkey))),
            None => Err(CliError::usage(format!(
                "{option}: cannot read a key from {pubkey}: a pubkey cannot sign"
            ))
            .hint(format!("name its key file, as in {option} id.json"))
            .hint("or bring its signature: --signer PUBKEY=SIGNATURE, as --sign-only prints it")),
        }
    }
}

/// Why a prompt brought no key.
enum Unread {
    /// Ctrl-C was the answer.
    Interrupted,
    Other(String),
}

impl Unread {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let io = error.downcast_ref::<io::Error>();
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::Interrupted) => Self::Interrupted,
            _ => Self::Other(error.to_string()),
        }
    }
}

fn signs_as_is(key: impl Signer + Send + Sync + 'static) -> Key {
    Arc::new(key)
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::signature::Keypair, std::fs};

    #[test]
    fn reads_a_key_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("id.json");
        let key = Keypair::new();
        fs::write(&file, format!("{:?}", key.to_bytes())).unwrap();
        let read = Keyring::default().read("--keypair", file.to_str().unwrap());
        assert_eq!(read.unwrap().pubkey(), key.pubkey());
    }

    #[test]
    fn what_is_no_key_names_the_option_and_a_right_example() {
        let dir = tempfile::tempdir().unwrap();
        let broken = dir.path().join("broken.json");
        fs::write(&broken, "[1,2,3]").unwrap();
        let key = ebb_sdk::ID.to_string();
        for source in ["/nonexistent/id.json", broken.to_str().unwrap(), &key] {
            let error = Keyring::default().read("--fee-payer", source).err();
            let error = error.unwrap();
            assert_eq!(error.kind(), crate::error::Kind::Usage);
            assert!(error.message().starts_with("--fee-payer: "), "{error}");
            assert!(error.hints()[0].contains("--fee-payer id.json"));
        }
    }

    #[test]
    fn a_pubkey_signs_elsewhere() {
        let key = Keypair::new();
        let named = key.pubkey().to_string();
        let absent = Keyring {
            may_be_absent: true,
            ..Keyring::default()
        };
        let signer = absent.read("--keypair", &named).unwrap();
        assert_eq!(signer.pubkey(), key.pubkey());
        assert_eq!(signer.sign_message(b"message"), Signature::default());

        let signature = key.sign_message(b"message");
        let presigned = Keyring {
            presigned: vec![(key.pubkey(), signature)],
            may_be_absent: false,
        };
        let signer = presigned.read("--keypair", &named).unwrap();
        assert_eq!(signer.sign_message(b"message"), signature);
        assert!(signer.try_sign_message(b"another").is_err());
    }
}
