//! What the store's files contain, and how they are written: JSON with a format number and the store's signature.
//!
//! This module depends on nothing else of this crate: it turns bytes into typed records or a typed error.

mod commitment;

pub use commitment::Commitment;

use {
    jiff::Timestamp,
    serde::{de::DeserializeOwned, Deserialize, Serialize},
    solana_hash::Hash,
    solana_pubkey::Pubkey,
    solana_signature::Signature,
    solana_signer::Signer,
};

/// The format that this version writes and reads. Format 1 was not signed.
const FORMAT: u32 = 2;

/// A disk of a device, on one ledger and under one program: keys of two clusters never meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disk {
    /// The ledger's genesis hash.
    #[serde(with = "text")]
    pub genesis: Hash,
    /// The program's address.
    #[serde(with = "text")]
    pub program_id: Pubkey,
    /// The device's address.
    #[serde(with = "text")]
    pub device: Pubkey,
    /// Where on the device the disk is.
    pub path: String,
}

/// The registration of the device for which a key was stored, and the key's custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The device's code.
    pub code: String,
    /// The address of the device's contributor.
    #[serde(with = "text")]
    pub contributor: Pubkey,
    /// The device's generation. With the contributor it names one registration of the device.
    pub generation: u64,
    /// The custodian, who is to attest the key's destruction.
    #[serde(with = "text")]
    pub custodian: Pubkey,
}

impl Owner {
    /// Whether the key was stored for this registration of the device.
    pub fn is_same_registration(&self, contributor: &Pubkey, generation: u64) -> bool {
        self.contributor == *contributor && self.generation == generation
    }
}

/// A key in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// The disk that the key encrypts.
    pub disk: Disk,
    /// For whom the key was stored.
    pub owner: Owner,
    /// The commitment to the key material.
    #[serde(with = "text")]
    pub commitment: Commitment,
    /// When the key was stored, to the second.
    #[serde(with = "text")]
    pub stored_at: Timestamp,
    /// The encrypted key material: an armoured age file.
    pub material: String,
}

/// The record that the store destroyed a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestructionRecord {
    /// The disk that the key encrypted.
    pub disk: Disk,
    /// For whom the key was stored.
    pub owner: Owner,
    /// The commitment to the key material.
    #[serde(with = "text")]
    pub commitment: Commitment,
    /// When the destruction was recorded, to the second, and the key then destroyed.
    #[serde(with = "text")]
    pub destroyed_at: Timestamp,
}

/// How a store's keys are encrypted and its records signed. All of it is public, and derived from the secret or
/// opened by it: `Protection::unlock` fails if it contains anything else.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// Random, so that two stores with one identity do not sign with the same key.
    #[serde(with = "text")]
    pub(super) id: Hash,
    /// The public keys of age identities, in order.
    pub(super) recipients: Vec<String>,
    /// The key that verifies the records' signatures.
    #[serde(with = "text")]
    pub(super) verifier: Pubkey,
    /// The identity of the only recipient as an armoured age file that a passphrase opens; absent if the user keeps the
    /// identities.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) identity: Option<String>,
}

/// What a file contains. No signature of one kind is good for another.
pub trait Content: Serialize + DeserializeOwned {
    /// The kind, which is signed with the content.
    const KIND: &'static str;
}

impl Content for Protection {
    const KIND: &'static str = "store";
}

impl Content for KeyRecord {
    const KIND: &'static str = "key";
}

impl Content for DestructionRecord {
    const KIND: &'static str = "destroyed";
}

/// A file that was parsed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedFile<T> {
    format: u32,
    /// The store's signature of the kind and of the content as it is written here, without spaces.
    #[serde(with = "text")]
    signature: Signature,
    content: T,
}

/// What stays the same in every format.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

/// Why a file's bytes are no record of a store's.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The bytes are not the JSON of such a record.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The file was written before records were signed.
    #[error("format {found} is not signed")]
    Unsigned {
        /// The file's format.
        found: u32,
    },
    /// The file was written by a newer version.
    #[error("format {found} is newer than {supported}")]
    NewerFormat {
        /// The file's format.
        found: u32,
        /// The newest format that this version reads.
        supported: u32,
    },
    /// The record is signed by another key, or was changed.
    #[error("its signature is not this store's, so it was changed or is another store's")]
    Signature,
}

/// The bytes of a file, signed.
pub fn encode<T: Content>(content: &T, signer: &impl Signer) -> Result<Vec<u8>, serde_json::Error> {
    let bytes = signed_bytes(content)?;
    serde_json::to_vec_pretty(&SignedFile {
        format: FORMAT,
        signature: signer.sign_message(&bytes),
        content,
    })
}

/// Parses a file's bytes, whose signature is not verified yet.
pub fn parse<T: Content>(bytes: &[u8]) -> Result<SignedFile<T>, RecordError> {
    let Versioned { format } = serde_json::from_slice(bytes)?;
    match format {
        FORMAT => Ok(serde_json::from_slice(bytes)?),
        ..FORMAT => Err(RecordError::Unsigned { found: format }),
        _ => Err(RecordError::NewerFormat {
            found: format,
            supported: FORMAT,
        }),
    }
}

impl<T: Content> SignedFile<T> {
    /// The content, which anybody may have written.
    pub fn unverified(&self) -> &T {
        &self.content
    }

    /// The content, if the holder of `verifier`'s key signed it.
    pub fn verify(self, verifier: &Pubkey) -> Result<T, RecordError> {
        let bytes = signed_bytes(&self.content)?;
        if self.signature.verify(verifier.as_ref(), &bytes) {
            Ok(self.content)
        } else {
            Err(RecordError::Signature)
        }
    }
}

fn signed_bytes<T: Content>(content: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = format!("ebb key store {FORMAT} {}\n", T::KIND).into_bytes();
    serde_json::to_writer(&mut bytes, content)?;
    Ok(bytes)
}

/// Values as text.
mod text {
    use {
        serde::{de::Error, Deserialize, Deserializer, Serializer},
        std::{fmt::Display, str::FromStr},
    };

    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
