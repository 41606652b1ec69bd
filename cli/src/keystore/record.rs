//! What the store's files say, and how they are written: JSON with a format number and a checksum.

use {
    super::{error::StoreError, secret::Commitment},
    jiff::Timestamp,
    serde::{de::DeserializeOwned, Deserialize, Serialize},
    sha2::{Digest, Sha256},
    solana_sdk::{hash::Hash, pubkey::Pubkey},
    std::path::Path,
};

/// The format that this version writes and reads.
const FORMAT: u32 = 1;

/// A disk of a device, on one ledger and under one program: keys of two clusters never meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct Destroyed {
    pub disk: Disk,
    pub owner: Owner,
    #[serde(with = "text")]
    pub commitment: Commitment,
    #[serde(with = "text")]
    pub destroyed_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct File<T> {
    format: u32,
    /// SHA-256 of the content as it is written here, without spaces.
    checksum: String,
    content: T,
}

/// What stays the same in every format.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

/// A file's bytes.
pub fn encode<T: Serialize>(content: &T) -> Result<Vec<u8>, StoreError> {
    let file = checksum(content).and_then(|checksum| {
        serde_json::to_vec_pretty(&File {
            format: FORMAT,
            checksum,
            content,
        })
    });
    file.map_err(|error| StoreError::Encryption(error.to_string()))
}

/// Reads a file's bytes.
pub fn decode<T: Serialize + DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::corrupt(path, error.to_string());
    let Versioned { format } = serde_json::from_slice(bytes).map_err(corrupt)?;
    if format != FORMAT {
        return Err(StoreError::NewerFormat {
            path: path.to_owned(),
            found: format,
            supported: FORMAT,
        });
    }
    let file: File<T> = serde_json::from_slice(bytes).map_err(corrupt)?;
    if checksum(&file.content).map_err(corrupt)? != file.checksum {
        return Err(StoreError::corrupt(path, "its checksum is wrong"));
    }
    Ok(file.content)
}

fn checksum(content: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(content)?)))
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
