//! Key material and its commitment. The material is never shown, and wiped from memory when it is let go.

use {
    super::{error::StoreError, record::Commitment},
    sha2::{Digest, Sha256},
    std::{fmt, io::Read},
    zeroize::Zeroizing,
};

/// How much material is made.
const GENERATED: usize = 64;
/// The least material: what is shorter could be guessed from its commitment, which is public.
const LEAST: usize = 16;
/// The most material.
const MOST: usize = 1 << 20;

/// The material of a disk key.
pub struct Material(Zeroizing<Vec<u8>>);

impl Material {
    /// Random bytes of the operating system's.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new(vec![0; GENERATED]);
        getrandom::fill(&mut bytes).map_err(|error| {
            StoreError::Material(format!("no random bytes can be had: {error}"))
        })?;
        Ok(Self(bytes))
    }

    /// Reads to the end. `source` names where from.
    pub fn read(reader: impl Read, source: &str) -> Result<Self, StoreError> {
        // Of its full size from the start: growing would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
        reader
            .take(MOST as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| StoreError::Material(format!("cannot read {source}: {error}")))?;
        match bytes.len() {
            LEAST..=MOST => Ok(Self(bytes)),
            ..LEAST => Err(StoreError::Material(format!(
                "{source} holds {} bytes; key material of fewer than {LEAST} could be guessed from its commitment",
                bytes.len()
            ))),
            _ => Err(StoreError::Material(format!("{source} holds more than {MOST} bytes"))),
        }
    }

    /// What is registered of it.
    pub fn commitment(&self) -> Commitment {
        Commitment::from(<[u8; 32]>::from(Sha256::digest(&*self.0)))
    }

    /// The material itself.
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
        assert_eq!(one.expose().len(), GENERATED);
        assert_ne!(one.commitment(), two.commitment());
        assert_eq!(format!("{one:?}"), "Material(…)");
    }

    #[test]
    fn what_is_read_is_bounded() {
        let read = |len: usize| Material::read(&*vec![7; len], "key.bin");
        assert_eq!(read(LEAST).unwrap().expose(), [7; LEAST]);
        assert_eq!(read(MOST).unwrap().expose().len(), MOST);
        for wrong in [0, LEAST - 1, MOST + 1] {
            assert!(read(wrong)
                .unwrap_err()
                .to_string()
                .starts_with("key.bin holds "));
        }
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
