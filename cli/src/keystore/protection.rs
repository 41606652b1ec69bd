//! To whom the store's keys are encrypted, and what opens it. The format is age's (age-encryption.org/v1).

use {
    super::{error::StoreError, secret::Material},
    age::{
        armor::{ArmoredReader, ArmoredWriter, Format},
        scrypt,
        secrecy::{ExposeSecret, SecretString},
        x25519, DecryptError, Decryptor, Encryptor, Identity, IdentityFile, Recipient,
    },
    serde::{Deserialize, Serialize},
    std::{
        fs::File,
        io::{self, BufReader, Write},
        path::{Path, PathBuf},
    },
};

/// age's own default: about a second and 256 MiB a try.
const WORK_FACTOR: u8 = 18;
/// The most work that a file may ask for.
const MOST_WORK: u8 = 22;

type AnyIdentity = Box<dyn Identity + Send + Sync>;

/// How a store's keys are encrypted. Storing one takes no secret, as it takes the recipients only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Protection {
    /// age's public keys.
    recipients: Vec<String>,
    /// The identity behind them as an armoured age file that a passphrase opens; absent if its file is the user's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    identity: Option<String>,
}

/// What opens a store.
pub enum Secret {
    Passphrase(SecretString),
    /// A file of age identities.
    IdentityFile(PathBuf),
}

impl Protection {
    /// A store that this secret opens.
    pub fn new(secret: &Secret) -> Result<Self, StoreError> {
        match secret {
            Secret::Passphrase(passphrase) => {
                let identity = x25519::Identity::generate();
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK_FACTOR);
                let secret = identity.to_string();
                let sealed = encrypt(&[Box::new(recipient)], secret.expose_secret().as_bytes())?;
                Ok(Self {
                    recipients: vec![identity.to_public().to_string()],
                    identity: Some(sealed),
                })
            }
            Secret::IdentityFile(path) => Ok(Self {
                recipients: recipients_of(path)?,
                identity: None,
            }),
        }
    }

    /// Whether a passphrase opens it, and not the user's identity.
    pub fn is_by_passphrase(&self) -> bool {
        self.identity.is_some()
    }

    /// Encrypts key material.
    pub fn seal(&self, material: &Material) -> Result<String, StoreError> {
        let recipients = self.recipients.iter().map(|recipient| {
            let recipient = recipient.parse::<x25519::Recipient>();
            recipient.map(|it| Box::new(it) as Box<dyn Recipient + Send>)
        });
        let recipients: Result<Vec<_>, _> = recipients.collect();
        encrypt(&recipients.map_err(failed)?, material.expose())
    }

    /// The identities that decrypt keys of the store in `store`, whose file `config` says so.
    ///
    /// # Errors
    /// The secret is the wrong one.
    pub fn unlock(
        &self,
        secret: &Secret,
        store: &Path,
        config: &Path,
    ) -> Result<Vec<AnyIdentity>, StoreError> {
        let wrong = |opens_with| StoreError::WrongSecret {
            path: store.to_owned(),
            opens_with,
        };
        match (secret, &self.identity) {
            (Secret::Passphrase(passphrase), Some(sealed)) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MOST_WORK);
                let opened =
                    decrypt(sealed, &[Box::new(identity)]).map_err(|error| match error {
                        DecryptError::DecryptionFailed
                        | DecryptError::KeyDecryptionFailed
                        | DecryptError::NoMatchingKeys => {
                            StoreError::WrongPassphrase(store.to_owned())
                        }
                        error => StoreError::corrupt(config, error.to_string()),
                    })?;
                let identity = std::str::from_utf8(opened.expose())
                    .ok()
                    .and_then(|text| text.parse::<x25519::Identity>().ok())
                    .ok_or_else(|| StoreError::corrupt(config, "its identity is none of age's"))?;
                Ok(vec![Box::new(identity)])
            }
            (Secret::IdentityFile(path), None) => {
                if !recipients_of(path)?
                    .iter()
                    .any(|one| self.recipients.contains(one))
                {
                    return Err(StoreError::WrongIdentity(store.to_owned()));
                }
                let identities = identity_file(path)?.into_identities();
                identities.map_err(|error| unreadable(path, error))
            }
            (Secret::Passphrase(_), None) => Err(wrong("an age identity: --identity FILE")),
            (Secret::IdentityFile(_), Some(_)) => Err(wrong(
                "a passphrase, asked for or from --passphrase-file FILE",
            )),
        }
    }
}

/// Decrypts what [`Protection::seal`] encrypted; `file` is where it stands.
pub fn open(sealed: &str, identities: &[AnyIdentity], file: &Path) -> Result<Material, StoreError> {
    decrypt(sealed, identities).map_err(|error| StoreError::corrupt(file, error.to_string()))
}

fn encrypt(recipients: &[Box<dyn Recipient + Send>], plain: &[u8]) -> Result<String, StoreError> {
    let recipients = recipients
        .iter()
        .map(|recipient| &**recipient as &dyn Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(failed)?;
    let write = || {
        let armored = ArmoredWriter::wrap_output(vec![], Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armored)?;
        writer.write_all(plain)?;
        writer.finish()?.finish()
    };
    String::from_utf8(write().map_err(failed)?).map_err(failed)
}

fn decrypt(sealed: &str, identities: &[AnyIdentity]) -> Result<Material, DecryptError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(sealed.as_bytes()))?;
    let identities = identities
        .iter()
        .map(|identity| &**identity as &dyn Identity);
    let reader = decryptor.decrypt(identities)?;
    Material::read(reader, "it").map_err(|error| DecryptError::Io(io::Error::other(error)))
}

fn identity_file(path: &Path) -> Result<IdentityFile<age::NoCallbacks>, StoreError> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    IdentityFile::from_buffer(BufReader::new(file)).map_err(|error| unreadable(path, error))
}

fn recipients_of(path: &Path) -> Result<Vec<String>, StoreError> {
    let mut text = vec![];
    identity_file(path)?
        .write_recipients_file(&mut text)
        .map_err(|error| unreadable(path, error))?;
    Ok(String::from_utf8_lossy(&text)
        .lines()
        .map(str::to_owned)
        .collect())
}

fn unreadable(path: &Path, problem: impl std::fmt::Display) -> StoreError {
    StoreError::Identity {
        path: path.to_owned(),
        problem: problem.to_string(),
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Encryption(error.to_string())
}
