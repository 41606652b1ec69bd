//! Key material and its commitment.

use {
    crate::record::Commitment,
    sha2::{Digest, Sha256},
    std::{
        fmt,
        io::{self, Read},
    },
    zeroize::Zeroizing,
};

/// How many bytes are generated.
const GENERATED_LEN: usize = 64;
/// Shorter material could be guessed from its commitment, which is public.
const MIN_LEN: usize = 16;
const MAX_LEN: usize = 1 << 20;

/// The material of a disk key. It is wiped from memory when it is dropped, and `Debug` does not show it.
pub struct Material(Zeroizing<Vec<u8>>);

/// Why bytes cannot be key material.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaterialError {
    /// The operating system has no random bytes.
    #[error("no random bytes can be had: {0}")]
    Random(getrandom::Error),
    /// The source cannot be read.
    #[error("cannot read {name}: {error}")]
    Read {
        /// The name of the source.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// The material could be guessed from its commitment, which is public.
    #[error("{name} holds {len} bytes; key material of fewer than {MIN_LEN} could be guessed from its commitment")]
    TooShort {
        /// The name of the source.
        name: String,
        /// How many bytes it contains.
        len: usize,
    },
    /// The source contains more than a key.
    #[error("{name} holds more than {MAX_LEN} bytes")]
    TooLong {
        /// The name of the source.
        name: String,
    },
}

impl Material {
    /// 64 random bytes from the operating system.
    ///
    /// # Errors
    /// The operating system has none.
    pub fn generate() -> Result<Self, MaterialError> {
        let mut bytes = Zeroizing::new(vec![0; GENERATED_LEN]);
        getrandom::fill(&mut bytes).map_err(MaterialError::Random)?;
        Ok(Self(bytes))
    }

    /// Reads material to the end of a source, which errors call `name`.
    ///
    /// # Errors
    /// The source cannot be read, or contains less than 16 bytes or more than 1 MiB.
    pub fn read(reader: impl Read, name: &str) -> Result<Self, MaterialError> {
        let name = || name.to_owned();
        // Of its full size from the start: growing would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN + 1));
        reader
            .take(MAX_LEN as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| MaterialError::Read {
                name: name(),
                error,
            })?;
        match bytes.len() {
            MIN_LEN..=MAX_LEN => Ok(Self(bytes)),
            len @ ..MIN_LEN => Err(MaterialError::TooShort { name: name(), len }),
            _ => Err(MaterialError::TooLong { name: name() }),
        }
    }

    /// The SHA-256, which is registered on chain.
    pub fn commitment(&self) -> Commitment {
        Commitment::from(<[u8; 32]>::from(Sha256::digest(&*self.0)))
    }

    /// The secret bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Material(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_differs_and_is_not_shown() {
        let (one, two) = (Material::generate().unwrap(), Material::generate().unwrap());
        assert_eq!(one.expose().len(), GENERATED_LEN);
        assert_ne!(one.commitment(), two.commitment());
        assert_eq!(format!("{one:?}"), "Material(…)");
    }

    #[test]
    fn what_is_read_is_bounded() {
        let read = |len: usize| Material::read(&*vec![7; len], "key.bin");
        assert_eq!(read(MIN_LEN).unwrap().expose(), [7; MIN_LEN]);
        assert_eq!(read(MAX_LEN).unwrap().expose().len(), MAX_LEN);
        let refusal = |len| read(len).unwrap_err().to_string();
        for len in [0, MIN_LEN - 1] {
            assert_eq!(
                refusal(len),
                format!("key.bin holds {len} bytes; key material of fewer than 16 could be guessed from its commitment")
            );
        }
        assert_eq!(
            refusal(MAX_LEN + 1),
            "key.bin holds more than 1048576 bytes"
        );
    }

    #[test]
    fn a_commitment_is_the_sha_256() {
        let commitment = Material::read(&b"0123456789abcdef"[..], "")
            .unwrap()
            .commitment();
        let text = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f";
        assert_eq!(commitment.to_string(), text);
        assert_eq!(text.parse(), Ok(commitment));
        assert!("9f".parse::<Commitment>().is_err());
    }
}
