//! What the store's files say, and how they are written: JSON with a format number and the store's signature.
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
    /// What tells the ledger from others.
    #[serde(with = "text")]
    pub genesis: Hash,
    #[serde(with = "text")]
    pub program_id: Pubkey,
    /// The device's address.
    #[serde(with = "text")]
    pub device: Pubkey,
    /// Where on the device.
    pub path: String,
}

/// Whose device it was when the key was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The device's code.
    pub code: String,
    /// The contributor's address. With `generation` it names one registration of the device.
    #[serde(with = "text")]
    pub contributor: Pubkey,
    pub generation: u64,
    /// Who is to attest the key's destruction.
    #[serde(with = "text")]
    pub custodian: Pubkey,
}

impl Owner {
    /// Whether both are of the same registration of a device.
    pub fn is_same_registration(&self, contributor: &Pubkey, generation: u64) -> bool {
        self.contributor == *contributor && self.generation == generation
    }
}

/// A key in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    pub disk: Disk,
    pub owner: Owner,
    #[serde(with = "text")]
    pub commitment: Commitment,
    #[serde(with = "text")]
    pub stored_at: Timestamp,
    /// An armoured age file.
    pub material: String,
}

/// A key that the store destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destroyed {
    pub disk: Disk,
    pub owner: Owner,
    #[serde(with = "text")]
    pub commitment: Commitment,
    #[serde(with = "text")]
    pub destroyed_at: Timestamp,
}

/// How a store's keys are encrypted and its records signed. All of it is public, and derived from the secret or
/// opened by it: `Protection::unlock` fails if it says anything else.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// Random, so that two stores with one identity do not sign with the same key.
    #[serde(with = "text")]
    pub(super) id: Hash,
    /// age's public keys.
    pub(super) recipients: Vec<String>,
    /// What the records' signatures are verified with.
    #[serde(with = "text")]
    pub(super) verifier: Pubkey,
    /// The identity behind them as an armoured age file that a passphrase opens; absent if its file is the user's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) identity: Option<String>,
}

/// What a file says. No signature of one kind is good for another.
pub trait Content: Serialize + DeserializeOwned {
    const KIND: &'static str;
}

impl Content for Protection {
    const KIND: &'static str = "store";
}

impl Content for KeyRecord {
    const KIND: &'static str = "key";
}

impl Content for Destroyed {
    const KIND: &'static str = "destroyed";
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File<T> {
    format: u32,
    /// The store's, of the kind and of the content as it is written here, without spaces.
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
    Unsigned { found: u32 },
    /// The file was written by a newer version.
    #[error("format {found} is newer than {supported}")]
    NewerFormat { found: u32, supported: u32 },
    /// The record is signed by another key, or was changed.
    #[error("its signature is not this store's, so it was changed or is another store's")]
    Signature,
}

/// A file's bytes.
pub fn encode<T: Content>(content: &T, signer: &impl Signer) -> Result<Vec<u8>, serde_json::Error> {
    let bytes = signed_bytes(content)?;
    serde_json::to_vec_pretty(&File {
        format: FORMAT,
        signature: signer.sign_message(&bytes),
        content,
    })
}

/// Reads a file's bytes, which nobody vouches for yet.
pub fn parse<T: Content>(bytes: &[u8]) -> Result<File<T>, RecordError> {
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

impl<T: Content> File<T> {
    /// What the file says, before it is verified.
    pub fn claim(&self) -> &T {
        &self.content
    }

    /// What the file says, if the holder of `verifier`'s key wrote it.
    pub fn verify(self, verifier: &Pubkey) -> Result<T, RecordError> {
        let bytes = signed_bytes(&self.content)?;
        match self.signature.verify(verifier.as_ref(), &bytes) {
            true => Ok(self.content),
            false => Err(RecordError::Signature),
        }
    }
}

fn signed_bytes<T: Content>(content: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = format!("ebb key store {FORMAT} {}\n", T::KIND).into_bytes();
    serde_json::to_writer(&mut bytes, content)?;
    Ok(bytes)
}

/// Values as people read them.
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
