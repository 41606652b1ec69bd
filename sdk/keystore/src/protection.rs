//! How a store's keys are encrypted and its records signed. The format of encryption is age's (age-encryption.org/v1).

use {
    crate::{
        encryption::{decrypt, encrypt},
        error::KeyStoreError,
        material::{Material, MaterialError},
        record::Protection,
        secret::{Identities, Secret, SecretKind},
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
    std::path::Path,
    zeroize::Zeroizing,
};

/// age's own default: about a second and 256 MiB a try.
const WORK_FACTOR: u8 = 18;
/// The most work that a file may ask for.
const MAX_WORK_FACTOR: u8 = 22;

/// What a store's secret derives: what decrypts its keys, and what signs its records.
pub struct StoreKeys {
    identities: Identities,
    signer: Keypair,
}

impl Protection {
    /// The protection of a new store that a secret opens, and the store's keys.
    pub fn new(secret: &Secret) -> Result<(Self, StoreKeys), KeyStoreError> {
        let (identities, identity) = match secret {
            Secret::Passphrase(passphrase) => {
                let identity = x25519::Identity::generate();
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK_FACTOR);
                let text = identity.to_string();
                let encrypted = encrypt(&[&recipient], text.expose_secret().as_bytes())?;
                (Identities::new([identity]), Some(encrypted))
            }
            Secret::Identities(identities) => (identities.clone(), None),
        };
        let id = random_id()?;
        let signer = derive_signer(&identities, &id)?;
        let protection = Self {
            id,
            recipients: identities.recipients(),
            verifier: signer.pubkey(),
            identity,
        };
        Ok((protection, StoreKeys { identities, signer }))
    }

    /// What opens the store.
    pub fn secret_kind(&self) -> SecretKind {
        match self.identity {
            Some(_) => SecretKind::Passphrase,
            None => SecretKind::Identities,
        }
    }

    /// The key that verifies the signatures of records.
    pub fn verifier(&self) -> &Pubkey {
        &self.verifier
    }

    /// The keys of the store in `store`, whose file `config` contains this.
    ///
    /// # Errors
    /// The secret is the wrong one, or derives other recipients or another signing key.
    pub fn unlock(
        &self,
        secret: &Secret,
        store: &Path,
        config: &Path,
    ) -> Result<StoreKeys, KeyStoreError> {
        let identities = match (secret, &self.identity) {
            (Secret::Passphrase(passphrase), Some(encrypted)) => {
                Identities::new([decrypt_identity(encrypted, passphrase, store, config)?])
            }
            (Secret::Identities(identities), None) => identities.clone(),
            (Secret::Passphrase(_), None) | (Secret::Identities(_), Some(_)) => {
                return Err(KeyStoreError::WrongSecretKind {
                    path: store.to_owned(),
                    opens_with: self.secret_kind(),
                });
            }
        };
        self.check_recipients(&identities, store, config)?;
        let signer = derive_signer(&identities, &self.id)?;
        if signer.pubkey() != self.verifier {
            return Err(KeyStoreError::corrupt(
                config,
                "its verifier is not the one that the secret derives",
            ));
        }
        Ok(StoreKeys { identities, signer })
    }

    /// Fails unless keys are encrypted to these identities and to nobody else.
    fn check_recipients(
        &self,
        identities: &Identities,
        store: &Path,
        config: &Path,
    ) -> Result<(), KeyStoreError> {
        let derived = identities.recipients();
        let is_derived = |recipient: &&String| derived.contains(recipient);
        let (own, foreign): (Vec<_>, Vec<_>) = self.recipients.iter().partition(is_derived);
        if own.is_empty() && self.identity.is_none() {
            return Err(KeyStoreError::WrongIdentity(store.to_owned()));
        }
        if foreign.is_empty() && self.recipients == derived {
            return Ok(());
        }
        Err(KeyStoreError::WrongRecipients {
            path: config.to_owned(),
            foreign: foreign.into_iter().cloned().collect(),
        })
    }
}

impl StoreKeys {
    /// The key that signs records.
    pub fn signer(&self) -> &Keypair {
        &self.signer
    }

    /// Encrypts key material to the store's own identities.
    pub fn encrypt(&self, material: &Material) -> Result<String, KeyStoreError> {
        let recipients: Vec<_> = self.identities.iter().map(|it| it.to_public()).collect();
        let recipients: Vec<_> = recipients.iter().map(|it| it as &dyn Recipient).collect();
        encrypt(&recipients, material.expose())
    }

    /// Decrypts what [`StoreKeys::encrypt`] returned, which is in `file`.
    pub fn decrypt(&self, encrypted: &str, file: &Path) -> Result<Material, KeyStoreError> {
        let identities: Vec<_> = self
            .identities
            .iter()
            .map(|it| it as &dyn Identity)
            .collect();
        decrypt(encrypted, &identities)
            .map_err(|error| KeyStoreError::corrupt(file, error.to_string()))
    }
}

/// The key that signs the records of the store with this id.
fn derive_signer(identities: &Identities, id: &Hash) -> Result<Keypair, KeyStoreError> {
    let secrets = identities.expose();
    let mut seed = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(id.as_ref()), secrets.as_bytes())
        .expand(b"ebb key store: signing key", &mut *seed)
        .map_err(|error| KeyStoreError::Encryption(error.to_string()))?;
    Ok(Keypair::new_from_array(*seed))
}

/// The identity that a passphrase opens.
fn decrypt_identity(
    encrypted: &str,
    passphrase: &SecretString,
    store: &Path,
    config: &Path,
) -> Result<x25519::Identity, KeyStoreError> {
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let opened = decrypt(encrypted, &[&identity]).map_err(|error| match error {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => KeyStoreError::WrongPassphrase(store.to_owned()),
        error => KeyStoreError::corrupt(config, error.to_string()),
    })?;
    std::str::from_utf8(opened.expose())
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| KeyStoreError::corrupt(config, "its identity is none of age's"))
}

fn random_id() -> Result<Hash, KeyStoreError> {
    let mut id = [0; 32];
    getrandom::fill(&mut id).map_err(MaterialError::Random)?;
    Ok(Hash::new_from_array(id))
}
