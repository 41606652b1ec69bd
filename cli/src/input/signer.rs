//! Who signs, read from where the user says.

#[cfg(feature = "hardware-wallet")]
mod hardware;
mod phrase;
mod source;

use {
    self::source::Source,
    super::{key::Key, secret::KeyArg},
    crate::{error::CliError, signal::Signal, stop, terminal::status},
    solana_sdk::{
        pubkey::Pubkey,
        signature::{read_keypair, read_keypair_file, Signature},
        signer::{null_signer::NullSigner, presigner::Presigner, Signer, SignerError},
    },
    std::{
        collections::HashMap,
        error::Error,
        io,
        sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    },
};

/// What stdin's key is kept as: it can be read once.
const STDIN: &str = "-";

/// The keys of a command: each option's is read once, and signs wherever its pubkey is named.
#[derive(Default)]
pub struct Keyring {
    /// The keys that options name, each with its option.
    named: Vec<(String, KeyArg)>,
    /// Signatures that were made elsewhere.
    presigned: Vec<(Pubkey, Signature)>,
    /// Whether a signature may be missing.
    may_be_absent: bool,
    /// The keys that were read, by their options.
    opened: Mutex<HashMap<String, Key>>,
}

impl Keyring {
    /// Nothing is read yet.
    pub fn new(
        named: Vec<(String, KeyArg)>,
        presigned: Vec<(Pubkey, Signature)>,
        may_be_absent: bool,
    ) -> Self {
        Self {
            named,
            presigned,
            may_be_absent,
            opened: Mutex::default(),
        }
    }

    /// Reads a key from a file, stdin (`-`), a prompted seed phrase (`prompt://`) or a hardware wallet (`usb://`); or
    /// takes a pubkey whose signature comes from elsewhere. `option` is the option that named it.
    pub fn read(&self, option: &str, source: &KeyArg) -> Result<Key, CliError> {
        let parsed = parse(option, source)?;
        match parsed {
            Source::Pubkey(pubkey) => self.of_pubkey(option, &pubkey),
            Source::Stdin => self.open(STDIN, option, source, parsed),
            _ => self.open(option, option, source, parsed),
        }
    }

    /// A key that is there without being read.
    pub fn with(self, option: &str, key: Key) -> Self {
        self.opened().insert(option.to_owned(), key);
        self
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<String, Key>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(
        &self,
        name: &str,
        option: &str,
        source: &KeyArg,
        parsed: Source,
    ) -> Result<Key, CliError> {
        let opened = self.opened().get(name).cloned();
        match opened {
            Some(key) => Ok(key),
            None => {
                let key = open(option, source, parsed)?;
                let mut opened = self.opened();
                Ok(opened.entry(name.to_owned()).or_insert(key).clone())
            }
        }
    }

    /// The key of a pubkey: its signature was made elsewhere, or another option names what can sign, or it may be absent.
    fn of_pubkey(&self, option: &str, pubkey: &Pubkey) -> Result<Key, CliError> {
        if let Some((key, signature)) = self.presigned.iter().find(|(key, _)| key == pubkey) {
            return Ok(Arc::new(Presigner::new(key, signature)));
        }
        if self.may_be_absent {
            return Ok(Arc::new(NullSigner::new(pubkey)));
        }
        match self.find(pubkey)? {
            Some(key) => Ok(key),
            None => Err(CliError::usage(format!(
                "{option}: cannot read a key from {pubkey}: a pubkey cannot sign"
            ))
            .hint(format!("name its key file, as in {option} id.json"))
            .hint("or bring its signature: --signer PUBKEY=SIGNATURE, as --sign-only prints it")),
        }
    }

    /// A key that another option names and that can sign. Files are read first, as what else there is asks its user.
    fn find(&self, pubkey: &Pubkey) -> Result<Option<Key>, CliError> {
        let mut sources = vec![];
        for (option, source) in &self.named {
            sources.push((option, source, parse(option, source)?));
        }
        sources.retain(|(_, _, parsed)| !matches!(parsed, Source::Pubkey(_)));
        sources.sort_by_key(|(_, _, parsed)| !matches!(parsed, Source::File(_)));
        let has = |key: &Key| key.pubkey() == *pubkey;
        let opened = self.opened().values().find(|key| has(key)).cloned();
        if opened.is_some() {
            return Ok(opened);
        }
        for (option, source, _) in sources {
            let key = self.read(option, source)?;
            if has(&key) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// A key that is read on first use.
pub struct LazyKey<F> {
    read: F,
    key: OnceLock<Key>,
}

impl<F: Fn() -> Result<Key, CliError>> LazyKey<F> {
    /// Nothing is read yet.
    pub fn new(read: F) -> Self {
        Self {
            read,
            key: OnceLock::new(),
        }
    }

    fn key(&self) -> Result<&Key, SignerError> {
        match self.key.get() {
            Some(key) => Ok(key),
            None => {
                let key = (self.read)().map_err(|error| SignerError::Custom(error.to_string()))?;
                Ok(self.key.get_or_init(|| key))
            }
        }
    }
}

impl<F: Fn() -> Result<Key, CliError>> Signer for LazyKey<F> {
    fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
        self.key()?.try_pubkey()
    }

    fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
        self.key()?.try_sign_message(message)
    }

    fn is_interactive(&self) -> bool {
        self.key.get().is_some_and(|key| key.is_interactive())
    }
}

fn failed(option: &str, source: &KeyArg, error: Box<dyn Error>) -> CliError {
    CliError::usage(format!("{option}: cannot read a key from {source}: {error}")).hint(format!(
        "right is a file as solana-keygen writes it, as in {option} id.json; `-` for stdin; prompt:// for a seed phrase; \
         usb://ledger for a hardware wallet, in builds that sign with them"
    ))
}

fn parse(option: &str, source: &KeyArg) -> Result<Source, CliError> {
    Source::parse(source.as_str()).map_err(|error| failed(option, source, error))
}

fn open(option: &str, source: &KeyArg, parsed: Source) -> Result<Key, CliError> {
    let failed = |error: Box<dyn Error>| failed(option, source, error);
    match parsed {
        Source::File(file) => read_keypair_file(file).map_err(failed).map(signs_as_is),
        Source::Stdin => {
            let read = || read_keypair(&mut io::stdin()).map_err(|error| error.to_string());
            let key = stop::ask(read)?;
            key.map_err(|problem| failed(problem.into()))
                .map(signs_as_is)
        }
        Source::Phrase(path) => {
            let name = option.to_owned();
            let key =
                stop::ask(move || phrase::ask(&name, path).map_err(|error| Unread::of(&*error)))
                    .inspect_err(|_| status(""))?;
            key.map_err(|unread| match unread {
                Unread::Interrupted => CliError::interrupted(Signal::Interrupt),
                Unread::Other(problem) => failed(problem.into()),
            })
            .map(signs_as_is)
        }
        #[cfg(feature = "hardware-wallet")]
        Source::Wallet(locator, path) => hardware::connect(option, locator, path).map_err(failed),
        #[cfg(not(feature = "hardware-wallet"))]
        Source::Wallet => Err(failed("this build signs with no hardware wallet".into())),
        Source::Pubkey(_) => Err(failed("a pubkey cannot sign".into())),
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
    use {super::*, solana_sdk::signature::Keypair, std::fs, tempfile::TempDir};

    fn arg(text: &str) -> KeyArg {
        text.parse().unwrap()
    }

    /// A key, and the file that holds it.
    fn key_file(dir: &TempDir) -> (Keypair, KeyArg) {
        let key = Keypair::new();
        let file = dir.path().join(format!("{}.json", key.pubkey()));
        fs::write(&file, format!("{:?}", key.to_bytes())).unwrap();
        (key, arg(file.to_str().unwrap()))
    }

    #[test]
    fn reads_a_key_file() {
        let dir = tempfile::tempdir().unwrap();
        let (key, file) = key_file(&dir);
        let read = Keyring::default().read("--keypair", &file);
        assert_eq!(read.unwrap().pubkey(), key.pubkey());
    }

    #[test]
    fn what_is_no_key_names_the_option_and_a_right_example() {
        let dir = tempfile::tempdir().unwrap();
        let broken = dir.path().join("broken.json");
        fs::write(&broken, "[1,2,3]").unwrap();
        let key = ebb_sdk::ID.to_string();
        for source in ["/nonexistent/id.json", broken.to_str().unwrap(), &key] {
            let error = Keyring::default().read("--fee-payer", &arg(source)).err();
            let error = error.unwrap();
            assert_eq!(error.kind(), crate::error::Kind::Usage);
            assert!(error.to_string().starts_with("--fee-payer: "), "{error}");
            assert!(error.hints()[0].contains("--fee-payer id.json"));
        }
    }

    #[test]
    fn a_pubkey_signs_elsewhere() {
        let key = Keypair::new();
        let named = arg(&key.pubkey().to_string());
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
            ..Keyring::default()
        };
        let signer = presigned.read("--keypair", &named).unwrap();
        assert_eq!(signer.sign_message(b"message"), signature);
        assert!(signer.try_sign_message(b"another").is_err());
    }

    #[test]
    fn a_pubkey_is_signed_for_by_the_option_that_names_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let ((key, file), (_, other)) = (key_file(&dir), key_file(&dir));
        let pubkey = arg(&key.pubkey().to_string());
        let keyring = Keyring {
            named: vec![
                ("--keypair".to_owned(), pubkey.clone()),
                ("--owner".to_owned(), other),
                ("--custodian".to_owned(), file),
            ],
            ..Keyring::default()
        };
        let read = keyring.read("--keypair", &pubkey).unwrap();
        assert_eq!(read.sign_message(b"message"), key.sign_message(b"message"));

        let default = Keyring::default().with("--keypair", Arc::new(key.insecure_clone()));
        let read = default.read("--fee-payer", &pubkey).unwrap();
        assert_eq!(read.sign_message(b"message"), key.sign_message(b"message"));
    }

    #[test]
    fn the_key_of_an_option_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let (key, file) = key_file(&dir);
        let keyring = Keyring::default();
        let first = keyring.read("--keypair", &file).unwrap();
        fs::remove_file(file.as_str()).unwrap();
        assert!(keyring.read("--fee-payer", &file).is_err());
        // Its own file is gone, and its key is known.
        fs::write(file.as_str(), "[]").unwrap();
        let again = keyring.read("--keypair", &file).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(again.pubkey(), key.pubkey());
    }
}
