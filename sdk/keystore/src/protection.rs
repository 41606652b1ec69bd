//! To whom the store's keys are encrypted, and what opens it. The format is age's (age-encryption.org/v1).

use {
    super::{
        error::StoreError,
        record::Protection,
        sealing::{decrypt, encrypt},
        secret::Material,
    },
    age::{
        scrypt,
        secrecy::{ExposeSecret, SecretString},
        x25519, DecryptError, Identity, Recipient,
    },
    hkdf::Hkdf,
    sha2::Sha256,
    solana_hash::Hash,
    solana_keypair::Keypair,
    solana_pubkey::Pubkey,
    solana_signer::Signer,
    std::{
        collections::BTreeMap,
        fs,
        path::{Path, PathBuf},
    },
    zeroize::Zeroizing,
};

/// age's own default: about a second and 256 MiB a try.
const WORK_FACTOR: u8 = 18;
/// The most work that a file may ask for.
const MOST_WORK: u8 = 22;

/// What opens a store.
pub enum Secret {
    Passphrase(SecretString),
    /// A file of age identities.
    IdentityFile(PathBuf),
}

/// What a store's secret derives: what decrypts its keys, and what signs its records.
pub struct StoreKeys {
    identities: Identities,
    signer: Keypair,
}

/// age identities by their public keys.
struct Identities(BTreeMap<String, x25519::Identity>);

impl Protection {
    /// How a new store is protected that this secret opens, and its keys.
    pub fn new(secret: &Secret) -> Result<(Self, StoreKeys), StoreError> {
        let (identities, identity) = match secret {
            Secret::Passphrase(passphrase) => {
                let identity = x25519::Identity::generate();
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK_FACTOR);
                let text = identity.to_string();
                let sealed = encrypt(&[&recipient], text.expose_secret().as_bytes())?;
                (Identities::from_iter([identity]), Some(sealed))
            }
            Secret::IdentityFile(path) => (Identities::read(path)?, None),
        };
        let id = random_id()?;
        let signer = identities.signer(&id)?;
        let protection = Self {
            id,
            recipients: identities.recipients(),
            verifier: signer.pubkey(),
            identity,
        };
        Ok((protection, StoreKeys { identities, signer }))
    }

    /// Whether a passphrase opens it, and not the user's identity.
    pub fn is_by_passphrase(&self) -> bool {
        self.identity.is_some()
    }

    /// What the records' signatures are verified with.
    pub fn verifier(&self) -> &Pubkey {
        &self.verifier
    }

    /// The keys of the store in `store`, whose file `config` says this.
    ///
    /// # Errors
    /// The secret is the wrong one, or derives other recipients or another signing key.
    pub fn unlock(
        &self,
        secret: &Secret,
        store: &Path,
        config: &Path,
    ) -> Result<StoreKeys, StoreError> {
        let wrong = |opens_with| StoreError::WrongSecret {
            path: store.to_owned(),
            opens_with,
        };
        let identities = match (secret, &self.identity) {
            (Secret::Passphrase(passphrase), Some(sealed)) => {
                Identities::from_iter([unseal(sealed, passphrase, store, config)?])
            }
            (Secret::IdentityFile(path), None) => Identities::read(path)?,
            (Secret::Passphrase(_), None) => {
                return Err(wrong("an age identity: --identity FILE"));
            }
            (Secret::IdentityFile(_), Some(_)) => {
                return Err(wrong(
                    "a passphrase, asked for or from --passphrase-file FILE",
                ));
            }
        };
        self.check_recipients(&identities, store, config)?;
        let signer = identities.signer(&self.id)?;
        if signer.pubkey() != self.verifier {
            return Err(StoreError::corrupt(
                config,
                "its verifier is not the one that the secret derives",
            ));
        }
        Ok(StoreKeys { identities, signer })
    }

    /// Whether keys are encrypted to these identities and to nobody else.
    fn check_recipients(
        &self,
        identities: &Identities,
        store: &Path,
        config: &Path,
    ) -> Result<(), StoreError> {
        let derived = identities.recipients();
        let known = |recipient: &&String| derived.contains(recipient);
        let (own, foreign): (Vec<_>, Vec<_>) = self.recipients.iter().partition(known);
        if own.is_empty() && self.identity.is_none() {
            return Err(StoreError::WrongIdentity(store.to_owned()));
        }
        if foreign.is_empty() && self.recipients == derived {
            return Ok(());
        }
        let foreign: Vec<_> = foreign.into_iter().map(String::as_str).collect();
        Err(StoreError::Recipients {
            path: config.to_owned(),
            problem: match foreign.is_empty() {
                true => "does not name just the recipients that the secret derives".into(),
                false => format!(
                    "names {}, which the secret does not derive",
                    foreign.join(", ")
                ),
            },
        })
    }
}

impl StoreKeys {
    /// What signs records.
    pub fn signer(&self) -> &Keypair {
        &self.signer
    }

    /// Encrypts key material to the store's own identities.
    pub fn seal(&self, material: &Material) -> Result<String, StoreError> {
        let recipients: Vec<_> = self.identities.each().map(|it| it.to_public()).collect();
        let recipients: Vec<_> = recipients.iter().map(|it| it as &dyn Recipient).collect();
        encrypt(&recipients, material.expose())
    }

    /// Decrypts what [`StoreKeys::seal`] encrypted; `file` is where it stands.
    pub fn open(&self, sealed: &str, file: &Path) -> Result<Material, StoreError> {
        let identities: Vec<_> = self
            .identities
            .each()
            .map(|it| it as &dyn Identity)
            .collect();
        decrypt(sealed, &identities).map_err(|error| StoreError::corrupt(file, error.to_string()))
    }
}

impl Identities {
    /// Reads a file as age-keygen writes it.
    fn read(path: &Path) -> Result<Self, StoreError> {
        let unreadable = |problem: String| StoreError::Identity {
            path: path.to_owned(),
            problem,
        };
        let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let text = Zeroizing::new(text);
        let lines = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        // The number only: the line may be a secret that was cut short.
        let parse = |(number, line): (u32, &str)| {
            line.parse::<x25519::Identity>()
                .map_err(|_| unreadable(format!("line {number} is no identity of age's")))
        };
        let identities = lines.map(parse).collect::<Result<Self, _>>()?;
        match identities.0.is_empty() {
            true => Err(unreadable("there is none in it".into())),
            false => Ok(identities),
        }
    }

    fn each(&self) -> impl Iterator<Item = &x25519::Identity> {
        self.0.values()
    }

    fn recipients(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// The key that signs the records of the store with this id.
    fn signer(&self, id: &Hash) -> Result<Keypair, StoreError> {
        let mut secrets = Zeroizing::new(String::new());
        for identity in self.each() {
            secrets.push_str(identity.to_string().expose_secret());
        }
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(id.as_ref()), secrets.as_bytes())
            .expand(b"ebb key store: signing key", &mut *seed)
            .map_err(|error| StoreError::Encryption(error.to_string()))?;
        Ok(Keypair::new_from_array(*seed))
    }
}

impl FromIterator<x25519::Identity> for Identities {
    fn from_iter<I: IntoIterator<Item = x25519::Identity>>(identities: I) -> Self {
        let named = identities
            .into_iter()
            .map(|identity| (identity.to_public().to_string(), identity));
        Self(named.collect())
    }
}

/// The identity that a passphrase opens.
fn unseal(
    sealed: &str,
    passphrase: &SecretString,
    store: &Path,
    config: &Path,
) -> Result<x25519::Identity, StoreError> {
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MOST_WORK);
    let opened = decrypt(sealed, &[&identity]).map_err(|error| match error {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => StoreError::WrongPassphrase(store.to_owned()),
        error => StoreError::corrupt(config, error.to_string()),
    })?;
    std::str::from_utf8(opened.expose())
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| StoreError::corrupt(config, "its identity is none of age's"))
}

fn random_id() -> Result<Hash, StoreError> {
    let mut id = [0; 32];
    getrandom::fill(&mut id)
        .map_err(|error| StoreError::Encryption(format!("no random bytes can be had: {error}")))?;
    Ok(Hash::new_from_array(id))
}
